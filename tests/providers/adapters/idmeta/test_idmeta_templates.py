"""The template list and the plan catalogue, however the vendor pages them."""

from __future__ import annotations

from itertools import count

import pytest
from responses import matchers

from providers.adapters.idmeta import templates
from providers.errors import UnreadableAnswer
from providers.types import VendorPlan, VendorTemplate
from tests.providers.adapters.idmeta.support import BASE, load

PATH = "/company/get-templates"


def page_of(*ids, **paginator):
    data = [{"id": number, "name": f"T{number}", "dropzone_plans": "[166]"} for number in ids]
    return {"templates": {"data": data, **paginator}}


def listed(*bodies):
    """The template ids per page when the vendor answers with these bodies in turn."""
    answers = iter(bodies)
    pages = list(templates.pages(lambda page: next(answers)))
    assert [page.is_last for page in pages] == [False] * (len(pages) - 1) + [True]
    return [[template.external_id for template in page.templates] for page in pages]


def test_two_pages_over_http(adapter, vendor):
    for number in (1, 2):
        query = {"page": str(number), "per_page": "100"}
        vendor.mock.get(
            BASE + PATH,
            json=load(f"get-templates.page{number}"),
            match=[matchers.query_param_matcher(query)],
        )
    first, second = adapter.template_pages()
    assert [found.external_id for found in first.templates] == ["456", "426", "425"]
    assert first.templates[0] == VendorTemplate(
        external_id="456",
        name="Untitled 21/03/2025",
        plan_ids=("166", "162", "163"),
        metadata={"workflowId": "SbxWorkflow0000000000456"},
    )
    assert [found.external_id for found in second.templates] == ["424", "306"]
    assert [(page.page, page.is_last) for page in (first, second)] == [(1, False), (2, True)]
    assert len(first.plans) == 11
    assert first.plans[0] == VendorPlan(
        external_id="161",
        code="custom_document",
        name="Custom Document",
        pricing={"amount": "0.00", "currency": ""},
    )


@pytest.mark.parametrize(
    ("bodies", "ids"),
    [
        ([page_of(1, current_page=1, last_page=2), page_of(2, current_page=2, last_page=2)], 2),
        ([page_of(1, next_page_url="x"), page_of(2, next_page_url=None)], 2),
        ([page_of(1), page_of(2), page_of()], 3),
        ([page_of(1), page_of(1)], 2),
        ([{"templates": [{"id": 1}]}, {"templates": [{"id": 1}]}], 2),
        ([{"templates": []}], 1),
        ([page_of(last_page=9, current_page=1)], 1),
        ([page_of(1, last_page="1")], 1),
        ([page_of(1, current_page=1, last_page=9), page_of(1, current_page=1, last_page=9)], 2),
    ],
)
def test_where_the_list_ends(bodies, ids):
    assert len(listed(*bodies)) == ids


def test_a_template_counts_once():
    assert listed(page_of(1, 2, 2), page_of(2, 3), page_of()) == [["1", "2"], ["3"], []]


def test_entries_that_give_no_template_are_counted():
    bodies = iter([page_of(1, 2, 2, ""), page_of(2, 3, last_page=2)])
    pages = list(templates.pages(lambda page: next(bodies)))
    assert [page.left_out for page in pages] == [2, 0]


def test_a_page_of_known_templates_does_not_end_a_list_that_goes_on():
    pages = [
        page_of(number, current_page=index, last_page=3)
        for index, number in enumerate((1, 1, 2), start=1)
    ]
    assert listed(*pages) == [["1"], [], ["2"]]


@pytest.mark.parametrize(
    ("plans", "ids"),
    [
        ("[166, 162]", ("166", "162")),
        ([166, "162", None], ("166", "162")),
        ("null", ()),
        (None, ()),
        ("[166", ()),
        (166, ()),
    ],
)
def test_plan_ids_as_text_or_list(plans, ids):
    body = {"templates": [{"id": "a", "name": None, "dropzone_plans": plans}, {"name": "no id"}]}
    page = next(templates.pages(lambda number: body))
    assert page.templates == (VendorTemplate("a", "", ids),)


@pytest.mark.parametrize("body", [{}, {"templates": None}, {"templates": {"data": "[]"}}])
def test_no_list_is_an_error_and_not_an_empty_list(body):
    with pytest.raises(UnreadableAnswer):
        list(templates.pages(lambda number: body))


def test_a_list_without_end_is_an_error():
    numbers = count(1)
    with pytest.raises(UnreadableAnswer):
        list(templates.pages(lambda page: page_of(next(numbers))))
    assert next(numbers) == templates.MAX_PAGES + 1


def test_plans_from_the_choices_alone_and_with_a_price():
    body = {
        "templates": [],
        "verificationTypeOptions": [
            {"value": 165, "label": "AML", "plan": "aml"},
            {"value": 1, "label": "no code"},
        ],
        "plans": [{"id": 170, "plan": "philippines_nbi_clearance", "rate": 1.5, "currency": "PHP"}],
    }
    assert next(templates.pages(lambda number: body)).plans == (
        VendorPlan("165", "aml", "AML"),
        VendorPlan(
            "170",
            "philippines_nbi_clearance",
            "philippines_nbi_clearance",
            {"amount": "1.5", "currency": "PHP"},
        ),
    )
