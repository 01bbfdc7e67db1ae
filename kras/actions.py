"""Writing a contract's key result areas and their weights."""

from contracts.contract_file import ContractFile
from contracts.models import Contract
from kras.models import Kra, KraWeight


def write_kras(contract: Contract, file: ContractFile) -> dict[str, Kra]:
    """Add the KRAs and weights that are not there yet, bring names, order and ends of the others into line; all KRAs by code.

    At most five statements.
    """
    kras = {kra.code: kra for kra in contract.kras.all()}
    known = set(KraWeight.objects.filter(kra__in=kras.values()).values_list("kra_id", "from_on")) if kras else set()
    added, changed = [], []
    for position, part in enumerate(file.kras):
        described = {"name": part.name, "objective": part.objective, "ends_on": part.ends_on, "position": position}
        kra = kras.get(part.code)
        if kra is None:
            kras[part.code] = Kra(vendor_id=contract.vendor_id, contract=contract, code=part.code, **described)
            added.append(kras[part.code])
        elif any(getattr(kra, name) != value for name, value in described.items()):
            for name, value in described.items():
                setattr(kra, name, value)
            changed.append(kra)
    if changed:
        Kra.objects.bulk_update(changed, ["name", "objective", "ends_on", "position"])
    Kra.objects.bulk_create(added)
    KraWeight.objects.bulk_create(
        [
            KraWeight(vendor_id=contract.vendor_id, kra=kras[part.code], from_on=from_on, weight=weight)
            for part in file.kras
            for from_on, weight in part.weights(file.contract.starts_on)
            if (kras[part.code].pk, from_on) not in known
        ]
    )
    return kras
