"""Programs of random networks return what Keras returns, layer by layer."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.export.page import program_bytes
from tests.export.page import interpreter
from tests.export.page.random_models import random_case

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore:You are using a softmax over axis:UserWarning"),
]


@settings(max_examples=40, suppress_health_check=list(HealthCheck))
@given(st.data(), st.integers(0, 2**32 - 1))
def test_a_random_program_agrees_with_keras(data, seed):
    case = random_case(lambda options: data.draw(st.sampled_from(list(options))), seed)
    outputs = interpreter.run(program_bytes(case.program), case.pixels)
    for name, expected in case.expected.items():
        assert interpreter.difference(outputs[name], expected) <= 1e-4, name
