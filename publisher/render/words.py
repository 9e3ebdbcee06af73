"""Words of templates are put into them in the language of the site, once, when they are compiled."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from jinja2 import Environment, nodes
from jinja2.compiler import CodeGenerator, Frame
from jinja2.visitor import NodeTransformer
from markupsafe import Markup

Say = Callable[[str], str]


class _Speaking(CodeGenerator):
    """Compiles ``_("words")`` to what it gives; a call that fills something in stays one."""

    def visit_Template(self, node: nodes.Template, frame: Frame | None = None) -> None:
        own = any(name.name == "_" for name in node.find_all(nodes.Name) if name.ctx != "load")
        environment = self.environment
        if isinstance(environment, SpeakingEnvironment) and not own:
            escapes = environment.autoescape
            markup = escapes(self.name) if callable(escapes) else escapes
            node = _Spoken(environment.say, markup=markup).visit(node)
        super().visit_Template(node, frame)


class SpeakingEnvironment(Environment):
    """An environment whose templates speak one language; `say` gives words in it."""

    code_generator_class = _Speaking

    def __init__(self, say: Say, **options: Any) -> None:
        self.say = say
        super().__init__(**options)


class _Spoken(NodeTransformer):
    def __init__(self, say: Say, *, markup: bool) -> None:
        self._say, self._markup = say, markup

    def visit_Call(self, node: nodes.Call) -> nodes.Node:
        self.generic_visit(node)
        match node:
            case nodes.Call(node=nodes.Name(name="_"), args=[nodes.Const(value=str(words))], kwargs=[]):
                try:
                    said = (Markup if self._markup else str)(self._say(words)) % {}
                except (KeyError, TypeError, ValueError):  # as it would be where it is called
                    return node
                constant = nodes.Const(str(said), lineno=node.lineno)
                return nodes.MarkSafe(constant, lineno=node.lineno) if self._markup else constant
            case _:
                return node
