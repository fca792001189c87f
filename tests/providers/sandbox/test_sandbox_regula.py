"""Regula's Document Reader and Face SDK, in their own shapes."""

from dataclasses import replace

import pytest
import requests

from providers.sandbox.reading.fields import Field
from providers.sandbox.regula.text import formatted_date, texts_of

WANTED = [9, 15, 20, 30, 33, 36, 37]


def text_fields(containers) -> dict:
    return {item["fieldType"]: item for item in containers[36]["Text"]["fieldList"]}


def test_envelope(regula, specimen):
    body = regula.process(specimen("passport-td3"), tag="journey-1").json()
    assert body["ProcessingFinished"] == 1
    assert body["CoreLibResultCode"] == 0
    assert body["morePagesAvailable"] == 0
    assert body["passBackObject"] is None
    assert body["TransactionInfo"]["Tag"] == "journey-1"
    assert body["ContainerList"]["Count"] == len(body["ContainerList"]["List"])
    for item in body["ContainerList"]["List"]:
        assert {"result_type", "page_idx", "list_idx", "light", "buf_length"} <= item.keys()


def test_wanted_containers(regula, specimen):
    passport = specimen("passport-td3")
    some = regula.containers(passport, processParam={"resultTypeOutput": [33, 36]})
    every = regula.containers(passport, processParam={"resultTypeOutput": WANTED})
    plain = regula.containers(passport, processParam={"scenario": "FullProcess"})
    assert sorted(some) == [33, 36, 97]
    assert sorted(every) == [*WANTED, 97]
    assert sorted(plain) == [9, 15, 30, 33, 36, 37, 97]
    assert plain[33]["Status"]["detailsOptical"]["security"] == 2
    assert set(every[97]) == {"result_type", "page_idx", "list_idx", "light", "buf_length"}


def test_echoes(regula, specimen):
    passed = regula.process(specimen("passport-td3"), passBackObject={"a": 1}).json()
    assert passed["passBackObject"] == {"a": 1}
    answer = requests.get(
        f"{regula.sandbox}/docreader/api/healthz", headers={"X-RequestID": "r-1"}, timeout=5
    )
    assert answer.headers["X-RequestID"] == "r-1"


def test_passport_text(regula, specimen):
    texts = text_fields(regula.containers(specimen("passport-td3")))
    assert {number: item["value"] for number, item in texts.items() if number != 51} == {
        0: "P", 1: "UTO", 2: "L898902C3", 3: "2032-04-15", 4: "2022-04-16", 5: "1974-08-12",
        6: "ZENITH", 7: "ZE184226B", 8: "ERIKSSON", 9: "ANNA MARIA", 12: "F",
        24: "PASSPORT OFFICE", 26: "UTO", 38: "Utopia", 80: "6", 185: texts[185]["value"],
        682: "SPECIMEN",
    }  # fmt: skip
    assert texts[51]["value"].splitlines()[1] == "L898902C36UTO7408122F3204153ZE184226B<<<<<16"
    number = texts[2]
    assert (number["status"], number["validityStatus"], number["comparisonStatus"]) == (1, 1, 1)
    assert [value["source"] for value in number["valueList"]] == ["MRZ", "VISUAL"]
    assert number["validityList"] == [{"source": "MRZ", "status": 1}]
    assert number["comparisonList"] == [{"sourceLeft": "MRZ", "sourceRight": "VISUAL", "status": 1}]
    assert texts[185]["valueList"][0]["probability"] == 0


def test_a_specimen_fails_as_on_current_servers(regula, specimen, control):
    current = regula.containers(specimen("passport-td3"))
    control("settings", {"recogniseSpecimens": False})
    older = regula.containers(specimen("passport-td3"))
    assert text_fields(current)[682]["validityStatus"] == 0
    assert current[33]["Status"]["detailsOptical"]["text"] == 0
    assert current[33]["Status"]["overallStatus"] == 0
    assert 682 not in text_fields(older)
    assert older[33]["Status"]["overallStatus"] == 1
    assert older[33]["Status"]["detailsOptical"] == {
        "overallStatus": 1, "docType": 1, "expiry": 1, "imageQA": 1, "mrz": 1, "pagesCount": 1,
        "security": 1, "text": 1, "vds": 2,
    }  # fmt: skip


def test_card_of_two_sides(regula, specimen, control):
    control("settings", {"recogniseSpecimens": False})
    answer = regula.process(specimen("id-card-td1-front"), specimen("id-card-td1-back"))
    items = answer.json()["ContainerList"]["List"]
    types = [(item["page_idx"], item["OneCandidate"]["DocumentName"],
              item["OneCandidate"]["FDSIDList"]["dType"])
             for item in items if item["result_type"] == 9]  # fmt: skip
    assert types == [
        (0, "Utopia - Identity Card (2020)", 12),
        (1, "Utopia - Identity Card (2020) Side B", 12),
    ]
    containers = {item["result_type"]: item for item in items}
    number = text_fields(containers)[2]
    assert [(v["source"], v["pageIndex"]) for v in number["valueList"]] == [
        ("MRZ", 1), ("BARCODE", 1), ("VISUAL", 0),
    ]  # fmt: skip
    assert [pair["status"] for pair in number["comparisonList"]] == [1, 1, 1]
    matrix = next(item["Matrix"] for item in containers[15]["ListVerifiedFields"]["pFieldMaps"]
                  if item["wFieldType"] == 2)  # fmt: skip
    assert matrix == [1, 0, 2, 2, 0, 3, 3, 0, 3, 0]
    images = {
        item["fieldType"]: item["valueList"] for item in containers[37]["Images"]["fieldList"]
    }
    assert [image["pageIndex"] for image in images[207]] == [0, 1]
    assert len(images[201]) == 1
    assert containers[33]["Status"]["overallStatus"] == 1


def test_a_front_alone_lacks_a_page(regula, specimen):
    assert regula.process(specimen("id-card-td1-front")).json()["morePagesAvailable"] == 1


def test_licence(regula, specimen):
    containers = regula.containers(
        specimen("driving-licence-ph"), processParam={"generateAlpha2Codes": True}
    )
    texts = text_fields(containers)
    assert (texts[8]["value"], texts[9]["value"], texts[146]["value"]) == (
        "DELA CRUZ", "JUAN", "SANTOS",
    )  # fmt: skip
    assert (texts[696]["value"], texts[697]["value"]) == ("PH", "PH")
    assert containers[9]["OneCandidate"]["FDSIDList"]["dType"] == 49
    assert containers[33]["Status"]["detailsOptical"]["mrz"] == 2


@pytest.mark.parametrize(
    ("name", "scenario", "member", "value"),
    [
        ("passport-expired", None, "expiry", 0),
        ("passport-mismatch", None, "text", 0),
        ("passport-td3", "expired", "expiry", 0),
        ("passport-td3", "mismatch", "text", 0),
        ("passport-td3", "forged", "security", 0),
        ("passport-td3", "review", "security", 0),
        ("not-a-document", None, "docType", 0),
        ("passport-td3", "not_found", "docType", 0),
    ],
)
def test_what_fails(regula, specimen, control, name, scenario, member, value):
    control("settings", {"recogniseSpecimens": False})
    containers = regula.containers(specimen(name), scenario=scenario)
    assert containers[33]["Status"]["detailsOptical"][member] == value
    assert containers[33]["Status"]["overallStatus"] == 0


def test_declined_is_on_the_stop_list(regula, specimen):
    status = regula.containers(specimen("passport-td3"), scenario="declined")[33]["Status"]
    assert (status["stopList"], status["overallStatus"]) == (0, 0)


def test_disagreement_of_zone_and_print(regula, specimen):
    number = text_fields(regula.containers(specimen("passport-mismatch")))[2]
    assert number["comparisonStatus"] == 0
    assert [value["value"] for value in number["valueList"]] == ["L898902C3", "L898902C8"]


def test_a_wrong_check_digit(pages, specimen):
    page = pages.read(specimen("passport-td3"))
    wrong = replace(page, mrz=replace(page.mrz, checks={Field.DOCUMENT_NUMBER: False, None: False}))
    texts = texts_of([(0, wrong)], date_format="yyyy-MM-dd", with_alpha2=False, with_specimen=False)
    assert (texts.mrz, texts.status) == (0, 0)
    assert [field.number for field in texts.fields if field.validity == 0] == [2, 51, 80]


def test_a_copy_is_no_live_document(regula, specimen):
    containers = regula.containers(specimen("passport-td3"), scenario="forged")
    liveness, extended = containers[20]["AuthenticityCheckList"]["List"]
    assert (liveness["Type"], liveness["Result"]) == (2097152, 0)
    assert liveness["List"][0]["ElementDiagnose"] == 238
    assert (extended["Type"], extended["Result"]) == (4194304, 1)


def test_no_document(regula, specimen):
    containers = regula.containers(specimen("not-a-document"))
    assert sorted(containers) == [15, 33, 36, 37, 97]
    assert containers[36]["Text"]["fieldList"] == []
    assert containers[37]["Images"]["fieldList"] == []


def test_unknown_numbers_and_unfinished(regula, specimen):
    passport = specimen("passport-td3")
    assert regula.containers(passport, scenario="unknown_enum")[33]["Status"]["overallStatus"] == 7
    assert regula.process(passport, scenario="not_finished").json()["ProcessingFinished"] == 2


def test_older_generation(regula, specimen, control):
    new = regula.containers(specimen("passport-td3"))[33]["Status"]
    control("settings", {"regulaGeneration": 8})
    old = regula.containers(specimen("passport-td3"))[33]["Status"]
    assert new.keys() - old.keys() == {"age", "detailsAge", "mDL"}
    assert new["detailsAge"]["over18"] == 1


def test_date_formats(regula, specimen):
    assert formatted_date("2032-04-05", "dd.MM.yyyy") == "05.04.2032"
    assert formatted_date("unreadable", "dd.MM.yyyy") == "unreadable"
    containers = regula.containers(specimen("passport-td3"), processParam={"dateFormat": None})
    assert text_fields(containers)[3]["value"] == "4/15/2032"


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"processParam": {}, "List": [{}]},
        {"processParam": {"scenario": "FullAuth"}},
        {"processParam": {"scenario": "FullAuth"}, "List": [{"ImageData": {"image": "!!"}}]},
        {"processParam": {"scenario": "FullAuth"}, "List": [{"ImageData": {"image": "bm8="}}]},
    ],
)
def test_bad_requests(sandbox, body):
    answer = requests.post(f"{sandbox}/docreader/api/process", json=body, timeout=5)
    assert answer.status_code == 400
    assert requests.get(f"{sandbox}/bills", timeout=5).json() == []


def test_licence_expired(sandbox, regula, specimen, control):
    urls = [f"{sandbox}/{service}/api/readyz" for service in ("docreader", "face")]
    assert [requests.get(url, timeout=5).status_code for url in urls] == [200, 200]
    control("settings", {"licence": "expired"})
    assert [requests.get(url, timeout=5).status_code for url in urls] == [400, 400]
    assert regula.process(specimen("passport-td3")).status_code == 403
    assert regula.match(specimen("selfie"), specimen("selfie")).status_code == 403


def test_health(sandbox):
    reader = requests.get(f"{sandbox}/docreader/api/healthz", timeout=5).json()
    face = requests.get(f"{sandbox}/face/api/healthz", timeout=5).json()
    ping = requests.get(f"{sandbox}/docreader/api/ping", timeout=5).json()
    assert "FullAuth" in reader["scenarios"]
    assert reader["documentsDatabase"]["id"] == "FullAuth"
    assert face["version"] == "8.2.694.1636"
    assert ping["app-name"] == "Document Reader Web API"
    assert requests.get(f"{sandbox}/docreader/api/nothing", timeout=5).status_code == 404


def test_match_pairs(regula, specimen):
    body = regula.match(
        specimen("passport-td3"), specimen("selfie"), specimen("selfie-other")
    ).json()
    assert body["code"] == 0
    pairs = {(pair["firstIndex"], pair["secondIndex"]): pair for pair in body["results"]}
    assert set(pairs) == {(0, 1), (0, 2), (1, 2)}
    assert pairs[0, 1]["similarity"] > 0.9
    assert pairs[0, 2]["similarity"] < 0.4
    assert pairs[1, 2]["similarity"] < 0.4
    assert (pairs[0, 1]["first"], pairs[0, 1]["second"]) == (1, 3)
    assert [len(item["faces"]) for item in body["detections"]] == [1, 1, 1]
    assert body["detections"][0]["faces"][0]["roi"] == [146.0, 277.0, 153.0, 190.0]


def test_match_without_a_face(regula, specimen):
    body = regula.match(specimen("passport-td3"), specimen("not-a-document")).json()
    assert body["code"] == 2
    assert [item["status"] for item in body["detections"]] == [0, 2]
    assert body["results"] == []


def test_match_codes(regula, specimen, control):
    selfie = specimen("selfie")
    assert regula.match(selfie).json()["code"] == 224
    assert regula.match(selfie, selfie, selfie, kinds=(3, 3, 3)).json()["code"] == 238
    assert regula.match(selfie, b"no picture").json()["code"] == 6
    assert regula.match(selfie, selfie, scenario="unknown_enum").json()["code"] == 999
    control("settings", {"faceMatchCode": 200})
    assert regula.match(selfie, selfie).json()["code"] == 200


@pytest.mark.parametrize(("scenario", "alike"), [("declined", 0.0085), ("review", 0.70)])
def test_staged_match(regula, specimen, scenario, alike):
    body = regula.match(specimen("passport-td3"), specimen("selfie"), scenario=scenario).json()
    assert body["results"][0]["similarity"] == alike


def test_detect(sandbox, specimen, as_text):
    url = f"{sandbox}/face/api/detect"
    body = {"image": as_text(specimen("selfie")), "processParam": {"scenario": "QualityFull"}}
    found = requests.post(url, json=body, timeout=5).json()
    none = requests.post(url, json={"image": as_text(specimen("not-a-document"))}, timeout=5).json()
    assert found["code"] == 0
    assert found["results"]["scenario"] == "QualityFull"
    assert len(found["results"]["detections"]) == 1
    assert len(found["results"]["detections"][0]["landmarks"]) == 5
    assert (none["code"], none["results"]["detections"]) == (2, [])
