"""The templates of generated files, as Jinja2 loads them."""

from __future__ import annotations

from functools import cache

import jinja2

from edgekit.codegen import c_text
from edgekit.units import format_grouped


@cache
def template(name: str) -> jinja2.Template:
    """A template of `templates/`; a name that it uses and is not given is an error."""
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("edgekit.codegen"),
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        undefined=jinja2.StrictUndefined,
    )
    environment.filters.update(grouped=format_grouped, comment=c_text.comment)
    return environment.get_template(name)
