from bench.canary import DIFFERENCES, tables


def test_tables_have_a_row_for_each_difference() -> None:
    lines = list(tables(runs=2))
    for difference in DIFFERENCES:
        rows = [line for line in lines if line.startswith(f"| {difference:+.0%} |")]
        assert len(rows) == 2 + 3
