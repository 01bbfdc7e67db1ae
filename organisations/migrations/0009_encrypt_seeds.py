"""Seeds of second factors that lie in plain text are encrypted, under the first of ENCRYPTION_KEYS."""

from typing import Any

from cryptography.fernet import Fernet
from django.conf import settings
from django.db import migrations

SECRETS = ("secret", "seed")
START = "gAAAA"  # how every Fernet token begins


def encrypt(apps: Any, schema_editor: Any) -> None:
    authenticators = apps.get_model("mfa", "Authenticator").objects.using(schema_editor.connection.alias)
    key = Fernet(settings.ENCRYPTION_KEYS[0])
    for one in authenticators.exclude(type="webauthn"):
        plain = [name for name in SECRETS if name in one.data and not one.data[name].startswith(START)]
        for name in plain:
            one.data[name] = key.encrypt(one.data[name].encode()).decode()
        if plain:
            one.save(update_fields=["data"])


class Migration(migrations.Migration):
    dependencies = [("organisations", "0008_cache"), ("mfa", "0003_authenticator_type_uniq")]
    operations = [migrations.RunPython(encrypt, migrations.RunPython.noop)]
