"""How `sphinx-build docs FOLDER` makes the pages; see CONTRIBUTING.md."""

import sys
from pathlib import Path
from typing import Any

import salience
import spacy_salience

sys.path.insert(0, str(Path(__file__).parent / "extensions"))

project = "salience"
author = "the contributors to salience"
version = release = salience.__version__

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "commands",
    "docstrings",
]
exclude_patterns = ["_build", "extensions"]

# Directives between colons, so that backticks are for code that the tests run.
myst_enable_extensions = ["colon_fence"]

# Types are in the docstrings, as shapes: what ArrayLike stands for fills half a page.
autodoc_typehints = "none"
autodoc_member_order = "bysource"
autodoc_default_options = {"members": True}
add_module_names = False
maximum_signature_line_length = 120
smartquotes_action = "D"  # dashes alone: "cpu" is what is typed

html_theme = "furo"
html_static_path = ["static"]
html_css_files = ["tables.css"]
html_title = f"salience {version}"
html_show_copyright = False
html_copy_source = False
html_theme_options = {
    # Fonts that machines have: nothing is loaded from elsewhere.
    "light_css_variables": {"font-stack": "system-ui, sans-serif"},
}

# Autodoc sees what is imported when it is asked for only when it has been.
for name in spacy_salience.__all__:
    setattr(spacy_salience, name, getattr(spacy_salience, name))

# Pages of the repository that are pages here as well.
ELSEWHERE = {
    "../examples/project/README.md": "elsewhere/example_project.md",
    "../examples/en_small/README.md": "elsewhere/en_small_recipe.md",
    "../examples/en_base/README.md": "elsewhere/en_base_recipe.md",
    "../examples/zh_small/README.md": "elsewhere/zh_small_recipe.md",
    "../benchmarks/RESULTS.md": "elsewhere/results.md",
    "../src/salience/model/pretrained/en_small/README.md": "elsewhere/en_small.md",
    "../src/salience/model/pretrained/en_base/README.md": "elsewhere/en_base.md",
    "../src/salience/model/pretrained/zh_small/README.md": "elsewhere/zh_small.md",
}


def setup(app: Any) -> None:
    """Lead links that are right in the repository to the pages made of those files."""
    app.connect("source-read", lead)


def lead(app: Any, name: str, source: list[str]) -> None:
    """Change the links of one page."""
    up = "../" * name.count("/")
    for path, page in ELSEWHERE.items():
        source[0] = source[0].replace(f"]({up}{path})", f"]({up}{page})")
