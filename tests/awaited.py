"""Views whose answers wait for leads; run as a file, it is `leadbook serve` with these views."""

import sys

from flask import Response, jsonify, request

from leadbook.access.fronting import LATER, Later


def count_of(database, name):
    rows = database.execute_sql("SELECT count(*) FROM leads WHERE name = ?", (name,))
    return rows.fetchone()[0]


def add_views(app):
    """Add calls that wait for a lead with a `name`, or stream the names of new leads."""
    database = app.extensions["leadbook"]

    def later(look, **more):
        request.environ[LATER] = Later(request.args.get("seconds", 60.0, float), look, **more)

    @app.get("/awaited/<name>")
    def await_lead(name):
        def look():
            with database.use():
                count = count_of(database, name)
            return b'{"found":%d}\n' % count if count else None

        later(look)
        return jsonify(found=count_of(database, name)), int(request.args.get("status", 200))

    @app.get("/failing")
    def await_failure():
        def look():
            with database.use():
                if count_of(database, "Ada"):
                    raise ZeroDivisionError

        later(look)
        return "nothing"

    @app.get("/names")
    def stream_names():
        size = request.args.get("size", 0, int)
        told = 0

        def look():
            nonlocal told
            with database.use():
                sql = "SELECT name FROM leads ORDER BY id LIMIT 1 OFFSET ?"
                found = database.execute_sql(sql, (told,)).fetchone()
            if found is None:
                return None
            told += 1
            return f"data: {found[0]}{'x' * size}\n\n".encode()

        later(look, streams=True)
        return Response("data: begin\n\n", mimetype="text/event-stream")


if __name__ == "__main__":
    from leadbook import app as module
    from leadbook.server import front, workers

    # Whoever must be waited for at the end is waited for much longer than a test is patient.
    front.LONGEST_FAREWELL_SECONDS = workers._LONGEST_FAREWELL_SECONDS = 300
    create_app = module.create_app

    def create_app_with_views(*arguments, **options):
        app = create_app(*arguments, **options)
        add_views(app)
        return app

    module.create_app = create_app_with_views

    from leadbook.cli.main import main

    main(["serve", *sys.argv[1:]])
