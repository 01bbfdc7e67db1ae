"""What stands in the database, read from its catalogue alone: the other half of the comparison in `organisations.row_security`.

Each query gives (table, name, definition) of one kind. What is never wanted (a view that leaks, a column grant, a function
that runs with its owner's rights) is listed too, so that it shows up as a difference.
"""

from typing import Any

# The functions that triggers call, those of extensions apart.
TRIGGER_FUNCTIONS = """SELECT oid, proname, prosrc, prosecdef, proconfig FROM pg_proc p WHERE p.pronamespace = 'public'::regnamespace
    AND p.prorettype = 'trigger'::regtype AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')"""

# %(roles)s: our three roles; a catalogue query sees ordinary and partitioned tables of the schema public only.
TABLES = "SELECT oid, relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')"

CURRENT_STATE = {
    "role": """SELECT o.rolname, '', concat_ws(', ', CASE WHEN o.rolcanlogin THEN 'logs in' END,
            CASE WHEN o.rolsuper THEN 'superuser' END, CASE WHEN o.rolbypassrls THEN 'bypasses row security' END,
            CASE WHEN o.rolcreaterole THEN 'creates roles' END, CASE WHEN o.rolcreatedb THEN 'creates databases' END,
            CASE WHEN has_schema_privilege(o.oid, 'public', 'CREATE') THEN 'creates in public' END, (
            SELECT string_agg(CASE WHEN pg_has_role(o.oid, r.oid, 'USAGE') THEN 'has the rights of ' ELSE 'puts on ' END
                || r.rolname, ', ' ORDER BY r.rolname)
            FROM pg_roles r WHERE r.oid <> o.oid AND pg_has_role(o.oid, r.oid, 'MEMBER') AND (
                r.rolname = ANY(%(roles)s) OR r.rolname LIKE 'pg\\_%%' OR r.rolsuper OR r.rolbypassrls
                OR r.oid IN (SELECT relowner FROM pg_class WHERE relnamespace = 'public'::regnamespace))))
        FROM pg_roles o WHERE o.rolname = ANY(%(roles)s)""",
    "table": f"SELECT relname, '', 'there' FROM ({TABLES}) t",
    "rls": """SELECT c.relname, '', concat_ws(', ', CASE WHEN c.relrowsecurity THEN 'on' END,
            CASE WHEN c.relforcerowsecurity THEN 'forced' END, CASE WHEN o.rolname = ANY(%(roles)s) THEN 'owned by ' || o.rolname END)
        FROM pg_class c JOIN pg_roles o ON o.oid = c.relowner WHERE c.relnamespace = 'public'::regnamespace
            AND c.relkind IN ('r', 'p') AND (c.relrowsecurity OR c.relforcerowsecurity OR o.rolname = ANY(%(roles)s))""",
    "policy": """SELECT tablename, policyname,
            concat_ws('|', array_to_string(roles, ','), cmd, qual, with_check, nullif(permissive, 'PERMISSIVE'))
        FROM pg_policies WHERE schemaname = 'public'""",
    "unique": f"""SELECT t.relname, k.conname, pg_get_constraintdef(k.oid) FROM pg_constraint k JOIN ({TABLES}) t ON t.oid = k.conrelid
        WHERE k.contype = 'u' AND right(k.conname, 5) = '_wall'""",
    # Every foreign key into an organisation's table, whatever it is called: a plain one can point into another organisation.
    "foreign": f"""SELECT t.relname, k.conname, pg_get_constraintdef(k.oid) FROM pg_constraint k JOIN ({TABLES}) t ON t.oid = k.conrelid
        WHERE k.contype = 'f' AND (right(k.conname, 5) = '_wall' OR k.confrelid IN (
            SELECT attrelid FROM pg_attribute WHERE attname = 'organisation_id' AND NOT attisdropped))""",
    "index": f"""SELECT t.relname, n.relname, pg_get_indexdef(i.indexrelid) FROM pg_index i JOIN ({TABLES}) t ON t.oid = i.indrelid
            JOIN pg_class n ON n.oid = i.indexrelid JOIN pg_attribute a ON a.attrelid = t.oid AND a.attname = 'organisation_id'
        WHERE (i.indisunique OR i.indisexclusion) AND NOT i.indisprimary AND i.indkey[0] <> a.attnum""",
    "trigger": f"""SELECT t.relname, g.tgname, pg_get_triggerdef(g.oid, true) || CASE g.tgenabled WHEN 'O' THEN '' ELSE ' (off)' END
        FROM pg_trigger g JOIN ({TABLES}) t ON t.oid = g.tgrelid WHERE NOT g.tgisinternal""",
    "grant": """SELECT c.relname, coalesce(r.rolname, 'public'), string_agg(
            a.privilege_type || CASE WHEN a.is_grantable THEN '*' ELSE '' END, ', ' ORDER BY a.privilege_type)
        FROM pg_class c CROSS JOIN LATERAL aclexplode(c.relacl) a LEFT JOIN pg_roles r ON r.oid = a.grantee
        WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm', 'S', 'f') AND a.grantee <> c.relowner
          AND (a.grantee = 0 OR r.rolname = ANY(%(roles)s)) GROUP BY 1, 2""",
    "column grant": """SELECT c.relname, t.attname, string_agg(coalesce(r.rolname, 'public') || ' ' || a.privilege_type, ', ')
        FROM pg_attribute t JOIN pg_class c ON c.oid = t.attrelid CROSS JOIN LATERAL aclexplode(t.attacl) a
            LEFT JOIN pg_roles r ON r.oid = a.grantee
        WHERE c.relnamespace = 'public'::regnamespace AND (a.grantee = 0 OR r.rolname = ANY(%(roles)s)) GROUP BY 1, 2""",
    # A view reads with its owner's rights, and the owner is above row security.
    "view": """SELECT relname, '', CASE relkind WHEN 'm' THEN 'materialised' ELSE 'with the rights of its owner' END FROM pg_class
        WHERE relnamespace = 'public'::regnamespace AND (relkind = 'm' OR relkind = 'v'
            AND NOT coalesce('security_invoker=true' = ANY(reloptions) OR 'security_invoker=on' = ANY(reloptions), false))""",
    "function": f"""SELECT p.proname, '', concat_ws(', ', CASE WHEN p.prosecdef THEN 'with the rights of its owner' END,
            array_to_string(p.proconfig, ', '), CASE WHEN EXISTS (SELECT FROM pg_roles r WHERE r.rolname = ANY(%(roles)s)
                AND has_function_privilege(r.oid, p.oid, 'EXECUTE')) THEN 'may be called' END) FROM ({TRIGGER_FUNCTIONS}) p""",
    "text": f"SELECT proname, '', md5(prosrc) FROM ({TRIGGER_FUNCTIONS}) p",
    "owner's function": """SELECT p.proname, pg_get_function_identity_arguments(p.oid), 'runs with the rights of its owner'
        FROM pg_proc p WHERE p.pronamespace = 'public'::regnamespace AND p.prosecdef AND p.prorettype <> 'trigger'::regtype
        AND EXISTS (SELECT FROM pg_roles r WHERE r.rolname = ANY(%(roles)s)
            AND has_function_privilege(r.oid, p.oid, 'EXECUTE'))""",
}

# How to take down what is not wanted. A kind without a line here is only reported: somebody must decide.
DROP = {
    "function": 'DROP FUNCTION IF EXISTS "{table}"()',
    "text": 'DROP FUNCTION IF EXISTS "{table}"()',
    "rls": 'ALTER TABLE "{table}" DISABLE ROW LEVEL SECURITY, NO FORCE ROW LEVEL SECURITY',
    "policy": 'DROP POLICY "{name}" ON "{table}"',
    "unique": 'ALTER TABLE "{table}" DROP CONSTRAINT "{name}" CASCADE',
    "foreign": 'ALTER TABLE "{table}" DROP CONSTRAINT IF EXISTS "{name}"',
    "trigger": 'DROP TRIGGER "{name}" ON "{table}"',
    "column grant": 'REVOKE ALL ("{name}") ON "{table}" FROM PUBLIC, {roles}',
    "grant": 'REVOKE ALL ON "{table}" FROM {name}',
    # Whoever makes a function lets everybody call it, and so does a restore without privileges.
    "owner's function": 'REVOKE ALL ON FUNCTION "{table}"({name}) FROM PUBLIC, {roles}',
}


def current_state(cursor: Any, roles: list[str]) -> dict[tuple[str, str, str], str]:
    """(kind, table, name) → definition as PostgreSQL prints it, of everything there is in the schema public."""
    found: dict[tuple[str, str, str], str] = {}
    for kind, sql in CURRENT_STATE.items():
        cursor.execute(sql, {"roles": roles})
        found.update({(kind, table, name): definition for table, name, definition in cursor.fetchall()})
    return found
