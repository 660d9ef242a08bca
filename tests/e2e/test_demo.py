"""The demo: the whole product on its bundled feeds, in one command."""

from __future__ import annotations

import json

from tests.fakes.program import ROOT, watcher


def test_demo_alerts_each_story_once_and_folds_the_copies() -> None:
    done = watcher("demo", "--once", "--json")
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    assert result["articles"] >= 200
    assert result["articles"] > 5 * result["matched"] > 0
    assert result["stories"] == len({alert["story"] for alert in result["alerts"]})
    officers = [alert for alert in result["alerts"] if alert["copies"] >= 3]
    assert [alert["rule"] for alert in officers] == ["dprk-russia-military"]
    assert {"North Korea", "Russia", "Military"} <= set(officers[0]["why"])
    said = [(alert["rule"], alert["title"]) for alert in result["alerts"]]
    assert len(said) == len(set(said)), "the same headline is told twice"
    assert {"dprk-russia-military", "shadow-fleet"} == {alert["rule"] for alert in result["alerts"]}
    assert {delivery["state"] for delivery in result["deliveries"]} == {"sent"}
    known = {alert["id"] for alert in result["alerts"]}
    assert all(delivery["alert"] in known for delivery in result["deliveries"])
    reference = (ROOT / "docs" / "reference" / "json.md").read_text("utf-8").partition("\n## Demo\n")[2]
    said_so = json.loads(reference.partition("```json\n")[2].partition("```")[0])
    assert (set(said_so), set(said_so["alerts"][0])) == (set(result), set(result["alerts"][0]))
    assert set(said_so["deliveries"][0]) == set(result["deliveries"][0])
    assert {delivery["channel"] for delivery in result["deliveries"]} == {"console", "outbox"}
