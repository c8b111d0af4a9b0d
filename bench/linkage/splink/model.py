"""Links a generated registry to its civil file with Splink on DuckDB, and tells time, memory and accuracy.

    python model.py FOLDER [THREADS]

The folder is one of bench/linkage: registry.csv, civil.csv and truth.csv. The model is what the documentation of
Splink advises for such columns: values cleaned first, several tight blocking rules, thresholds of Jaro-Winkler for names with
term frequencies, Damerau-Levenshtein for numbers, the comparison for dates of birth, the prior from deterministic
rules, u from random pairs, m by EM under two blockings of different columns.
"""

import resource
import sys
import time

import duckdb
import splink.comparison_level_library as cll
import splink.comparison_library as cl
from splink import Linker, SettingsCreator, block_on
from splink.backends.duckdb import DuckDBAPI

FOLDER, THREADS = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 2
STAGES = []


def used():
    """Processor seconds of this process, all threads, user and system."""
    r = resource.getrusage(resource.RUSAGE_SELF)
    return r.ru_utime + r.ru_stime


def stage(name):
    STAGES.append((name, time.time(), used()))


def clean(con, table, path, key):
    """Reads a file as text, with the cleaning a practitioner does before linking."""
    con.execute(f"""
        create table {table} as
        with raw as (select * from read_csv('{path}', all_varchar=true, header=true, quote='"')),
        plain as (
            select {key} as unique_id,
                case when length(regexp_replace(coalesce(nik, ''), '[^0-9]', '', 'g')) between 15 and 17
                     then regexp_replace(nik, '[^0-9]', '', 'g') end as nik,
                nullif(regexp_replace(coalesce(no_kk, ''), '[^0-9]', '', 'g'), '') as kk,
                nullif(trim(regexp_replace(regexp_replace(upper(coalesce(name, '')), '[^A-Z ]', '', 'g'), ' +', ' ', 'g')), '') as name,
                nullif(trim(regexp_replace(regexp_replace(upper(coalesce(mother_name, '')), '[^A-Z ]', '', 'g'), ' +', ' ', 'g')), '') as mother,
                case when regexp_full_match(birth_date, '[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}') then birth_date end as birth,
                nullif(upper(left(sex, 1)), '') as sex,
                nullif(area_code, '') as area,
                nullif(upper(birth_place), '') as birthplace
            from raw)
        select *, split_part(name, ' ', 1) as first_name, left(area, 5) as district,
               substr(nik, 7, 6) as nik_date, right(nik, 4) as serial from plain""")


def settings():
    """The model: comparisons and blocking rules."""
    number = lambda c: cl.CustomComparison(
        output_column_name=c,
        comparison_levels=[
            cll.NullLevel(c),
            cll.ExactMatchLevel(c),
            cll.DamerauLevenshteinLevel(c, 1),
            cll.DamerauLevenshteinLevel(c, 2),
            cll.ElseLevel(),
        ],
    )
    area = cl.CustomComparison(
        output_column_name="area",
        comparison_levels=[
            cll.NullLevel("area"),
            cll.ExactMatchLevel("area"),
            cll.CustomLevel("left(area_l, 8) = left(area_r, 8)", "same subdistrict"),
            cll.CustomLevel("left(area_l, 5) = left(area_r, 5)", "same district"),
            cll.ElseLevel(),
        ],
    )
    return SettingsCreator(
        link_type="link_only",
        comparisons=[
            number("nik"),
            cl.NameComparison("name").configure(term_frequency_adjustments=True),
            cl.DateOfBirthComparison("birth", input_is_string=True),
            cl.NameComparison("mother").configure(term_frequency_adjustments=True),
            number("kk"),
            area,
            cl.ExactMatch("sex"),
            cl.ExactMatch("birthplace").configure(term_frequency_adjustments=True),
        ],
        blocking_rules_to_generate_predictions=[
            block_on("nik"),
            block_on("name", "birth"),
            block_on("mother", "birth"),
            block_on("kk", "first_name"),
            block_on("name", "mother", "district"),
            block_on("nik_date", "first_name", "district"),
            block_on("area", "birth"),
        ],
        retain_intermediate_calculation_columns=False,
        retain_matching_columns=False,
    )


def train(linker):
    linker.training.estimate_probability_two_random_records_match(
        [block_on("nik"), block_on("name", "birth", "mother")], recall=0.95)
    linker.training.estimate_u_using_random_sampling(seed=1)
    stage("prior and u")
    for rule in (block_on("birth", "district"), block_on("name", "district"), block_on("nik")):
        linker.training.estimate_parameters_using_expectation_maximisation(rule, record_sample_proportion=1.0, max_pairs=5e6)
    stage("m by EM")


def main():
    stage("start")
    con = duckdb.connect()
    con.execute(f"set threads={THREADS}")
    clean(con, "registry", f"{FOLDER}/registry.csv", "row_id")
    clean(con, "civil", f"{FOLDER}/civil.csv", "person_id")
    stage("read and clean")
    api = DuckDBAPI(connection=con)
    linker = Linker([api.register("registry", dataset_display_name="registry"), api.register("civil", dataset_display_name="civil")], settings(), log_level=40)
    train(linker)
    pairs = linker.inference.predict(threshold_match_probability=0.01)
    stage("predict")
    # The likeliest row of the civil file for each of the registry.
    con.execute(f"""
        create table best as
        with p as (select unique_id_l, unique_id_r, source_dataset_l, match_probability, match_weight from {pairs.physical_name}),
        sided as (select case when source_dataset_l = 'registry' then unique_id_l else unique_id_r end as row_id,
                         case when source_dataset_l = 'registry' then unique_id_r else unique_id_l end as person_id,
                         match_weight as w from p)
        select row_id, person_id, w from sided
        qualify row_number() over (partition by row_id order by w desc, person_id) = 1""")
    stage("best of each row")
    report(con, pairs.physical_name)


def report(con, pairs):
    con.execute(f"create table truth as select row_id, person_id from read_csv('{FOLDER}/truth.csv', all_varchar=true, header=true)")
    there = con.execute("select count(*) from truth join civil on unique_id = person_id").fetchone()[0]
    scored = con.execute(f"select count(*) from {pairs}").fetchone()[0]
    for (name, t, c), (_, t0, c0) in zip(STAGES[1:], STAGES):
        print(f"  {name}: wall {t - t0:.2f} s, processor {c - c0:.2f} s")
    print(f"splink, all: wall {STAGES[-1][1] - STAGES[0][1]:.2f} s, processor {STAGES[-1][2] - STAGES[0][2]:.2f} s, "
          f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MB; {scored} pairs above one in a hundred")
    best = (0.0, "")
    for p in (0.5, 0.8, 0.9, 0.95, 0.99, 0.999, 0.9999, 0.999999):
        found, right = con.execute("""select count(*), count(*) filter (t.person_id = b.person_id)
            from best b left join truth t using (row_id) where w >= log2(? / (1 - ?))""", [p, p]).fetchone()
        precision, recall = right / max(found, 1), right / max(there, 1)
        f1 = 2 * precision * recall / max(precision + recall, 1e-9)
        line = f"probability {p}: precision {precision:.5f}, recall {recall:.5f}, F1 {f1:.5f} ({right} right of {found} found, {there} there are)"
        if p == 0.95:
            print("  linked at " + line)
        best = max(best, (f1, line))
    print("  best at " + best[1])


main()
