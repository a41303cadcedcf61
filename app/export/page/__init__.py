"""The program of a network, which the page runs."""

from app.export.page.lowering import lower as lower
from app.export.page.program import Description as Description
from app.export.page.program import NotLowerable as NotLowerable
from app.export.page.program import Operation as Operation
from app.export.page.program import Program as Program
from app.export.page.program import describe as describe
from app.export.page.tensors import program_bytes as program_bytes
