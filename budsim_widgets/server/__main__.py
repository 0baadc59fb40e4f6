"""`python -m budsim_widgets.server`: a Jupyter Server with these routes; `--help-all` lists their settings."""

from __future__ import annotations

from budsim_widgets.server.extension import BudsimExtension

if __name__ == "__main__":
    BudsimExtension.launch_instance()  # type: ignore[no-untyped-call] # as jupyter_server has it
