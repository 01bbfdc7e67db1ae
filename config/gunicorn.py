"""gunicorn in production. The demo gives its few settings on the command line (embedded/children.py)."""

import os

bind = f"0.0.0.0:{os.environ.get('PORT', '8000')}"
workers = int(os.environ.get("WEB_WORKERS", "2"))
threads = int(os.environ.get("WEB_THREADS", "4"))
timeout = 60
graceful_timeout = 20
control_socket_disable = True
accesslog = "-"
