from domain.documents import Failure, IngestReport, Note, Skipped


def test_report_of_little_names_everything() -> None:
    report = IngestReport(
        added=2, unchanged=1, failed=(Failure("a.pdf", "it holds no text"),), removed=1
    )
    assert report.sentence() == (
        "2 added, 1 unchanged, 1 removed. 1 failed: a.pdf (it holds no text)."
    )
    assert IngestReport().sentence() == "Nothing to do."


def test_report_of_ten_thousand_documents_is_short_and_names_what_needs_a_person() -> None:
    held_back = Failure("/docs", "9,000 of its 10,000 documents are not there any more")
    failed = tuple(Failure(f"/docs/{n}.pdf", "it is empty") for n in range(3_000))
    report = IngestReport(
        added=10_000,
        failed=(*failed, held_back),
        held_back=(held_back,),
        notes=tuple(Note(f"/docs/{n}.xlsx", "hidden rows") for n in range(2_000)),
        skipped=tuple(Skipped(f"/docs/{n}.png", "pictures are not read") for n in range(5_000)),
    )
    said = report.sentence()
    assert len(said) < 1_500
    assert said.startswith("10,000 added. 3,001 failed: /docs (9,000 of its 10,000 documents")
    assert "; and 2,991 more." in said
    assert "; and 1,990 more." in said
    assert "5,000 × pictures are not read (/docs/0.png, /docs/1.png, …)" in said
