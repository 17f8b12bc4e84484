#!/usr/bin/env python3
"""The same KPIs, computed again by other means: exact fractions, whole sets of readings, no state, no increments.

usage: recompute.py kpi < vector.json      windows of {"specification": …, "records": […]}
       recompute.py climate < rows.ndjson  heat index and dew point of {"celsius": "…", "humidity": "…"} per line

It shares no code with the package that it checks. Times are microseconds; results are decimal text.
"""
import json
import sys
from bisect import bisect_left
from collections import Counter, defaultdict
from datetime import datetime, timedelta, timezone
from decimal import Decimal, ROUND_HALF_UP, localcontext
from fractions import Fraction
from zoneinfo import ZoneInfo

EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
MICROSECOND = timedelta(microseconds=1)
FUTURE = 5 * 60 * 10**6


def half_away(value, places):
    """A fraction as decimal text."""
    scaled = abs(value) * 10**places
    units = (2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator)
    text = str(units).rjust(places + 1, "0")
    sign = "-" if value < 0 and units else ""
    return sign + (text[:-places] + "." + text[-places:] if places else text)


def to_micros(moment):
    return (moment - EPOCH) // MICROSECOND


def parse_time(value, form, zone):
    if form == "unix-seconds":
        return int((Decimal(value) * 10**6).to_integral_value("ROUND_FLOOR"))
    if form == "unix-milliseconds":
        return int((Decimal(value) * 10**3).to_integral_value("ROUND_FLOOR"))
    moment = datetime.fromisoformat(value.replace("Z", "+00:00"))
    return to_micros(moment if moment.tzinfo else moment.replace(tzinfo=zone))


def at_path(message, path):
    for key in path.split(".") if path else []:
        if isinstance(message, list):
            message = message[int(key)]
        elif isinstance(message, dict):
            message = message.get(key)
        else:
            return None
    return message


def number(value, coerce):
    if isinstance(value, str) and coerce:
        return Decimal(value)
    return Decimal(value) if isinstance(value, (Decimal, int)) and not isinstance(value, bool) else None


def count(value, coerce):
    found = number(value, coerce)
    return int(found) if found is not None and found == int(found) and 0 <= found < 2**63 else None


class Reading:
    def __init__(self, machine, message, record, item):
        field = machine["time"]
        self.event = f"{record['logId']}/{record['partition']}/{record['position']}" + item
        self.time = parse_time(at_path(message, field["path"]), field["format"], ZoneInfo(machine["zone"]))
        self.appended = record["appendTime"]
        self.order = (self.time, self.appended, record["partition"], record["position"], item)
        state = machine.get("state")
        raw = at_path(message, state["path"]) if state else None
        self.state = state["classes"].get(raw) if state and isinstance(raw, str) else None
        alarm = at_path(message, machine["alarm"]["path"]) if "alarm" in machine else None
        self.alarm = alarm if isinstance(alarm, bool) else None
        self.flagged = 0 if alarm is None or isinstance(alarm, bool) else 1
        self.totals = [self.counted(message, c["path"], c["coerce"]) for c in machine["counters"]]
        self.scraps = [
            self.counted(message, c["scrapPath"], c["coerce"]) if "scrapPath" in c else None
            for c in machine["counters"]
        ]
        self.measures = [self.measured(message, m) for m in machine["measures"]]

    def counted(self, message, path, coerce):
        value = at_path(message, path)
        found = count(value, coerce)
        self.flagged += value is not None and found is None
        return found

    def measured(self, message, measure):
        value = at_path(message, measure["path"])
        found = number(value, measure["coerce"])
        if "derive" in measure and found is not None:
            value = at_path(message, measure["derive"]["humidityPath"])
            humidity = number(value, measure["coerce"])
            found = derived(measure["derive"]["formula"], found, humidity)
        inside = found is not None and Decimal(measure["min"]) <= found <= Decimal(measure["max"])
        self.flagged += value is not None and not inside
        if not inside:
            return None
        with localcontext() as context:
            context.prec = 500
            return int((found.scaleb(measure["scale"])).quantize(Decimal(1), ROUND_HALF_UP))


def shifts_between(machine, start, end):
    """Working time as sorted intervals; all of it without a calendar."""
    if "calendar" not in machine:
        return [(start, end)]
    zone = ZoneInfo(machine["zone"])
    found = []
    day = (EPOCH + start * MICROSECOND).date() - timedelta(days=3)
    while day <= (EPOCH + end * MICROSECOND).date() + timedelta(days=3):
        for shift in machine["calendar"]["shifts"]:
            if day.isoweekday() in shift["days"]:
                begin = datetime.combine(day, datetime.strptime(shift["from"], "%H:%M").time(), zone)
                last = day + timedelta(days=1) if shift["to"] <= shift["from"] else day
                finish = datetime.combine(last, datetime.strptime(shift["to"], "%H:%M").time(), zone)
                found.append((to_micros(begin.astimezone(timezone.utc)), to_micros(finish.astimezone(timezone.utc))))
        day += timedelta(days=1)
    found.sort()
    cut, until = [], None
    for begin, finish in found:
        begin = begin if until is None else max(begin, until)
        if begin < finish:
            cut.append((begin, finish))
        until = finish if until is None else max(until, finish)
    return cut


def overlap(a, b):
    return max(0, min(a[1], b[1]) - max(a[0], b[0]))


def edges_of(machine, readings):
    """Every window that a reading or its state can touch."""
    first = readings[0].time
    last = readings[-1].time + machine["gapMicros"]
    if machine["window"]["kind"] == "tumbling":
        length = machine["window"]["micros"]
        starts = range(first // length * length, last, length)
        return [(start, start + length) for start in starts]
    week = 8 * 86400 * 10**6
    windows, until = [], None
    for begin, finish in shifts_between(machine, first - week, last + week):
        if until is not None and until < begin:
            windows.append((until, begin))
        windows.append((begin, finish))
        until = finish
    return [window for window in windows if window[1] > first and window[0] < last]


def counter_facts(machine, readings, values, field, works):
    """(time, increase, apart, reset, jump) for each reading that bears the counter, but the first."""
    bearing = [(reading, value) for reading, value in zip(readings, values) if value is not None]
    for (before, old), (reading, new) in zip(bearing, bearing[1:]):
        reset = new < old
        increase = new if reset else new - old
        jump = increase > field["stepMax"]
        busy = reading.state in ("producing", "down") and works(reading.time)
        apart = reading.time - before.time > machine["gapMicros"] or not busy
        yield reading.time, 0 if jump else increase, apart, reset, jump


def windows_of(machine, readings):
    readings = sorted(readings, key=lambda reading: reading.order)
    gap = machine["gapMicros"]
    following = [reading.time for reading in readings[1:]] + [None]
    held = [
        (reading.time, min(reading.time + gap, after if after is not None else reading.time + gap), reading.state)
        for reading, after in zip(readings, following)
        if reading.state is not None
    ]
    windows = edges_of(machine, readings)
    working = shifts_between(machine, windows[0][0], windows[-1][1])
    works = lambda time: any(begin <= time < finish for begin, finish in working)
    counters = [
        (field, kind, list(counter_facts(machine, readings, [getattr(r, kind)[i] for r in readings], field, works)))
        for i, field in enumerate(machine["counters"])
        for kind in ("totals", "scraps")
    ]
    alarms = [reading for reading in readings if reading.alarm is not None]
    alarm_edges = [
        reading.time
        for before, reading in zip([None] + alarms, alarms)
        if reading.alarm and (before is None or not before.alarm or reading.time - before.time > gap)
    ]
    times = [reading.time for reading in readings]
    begins = [begin for begin, _, _ in held]
    for window in windows:
        inside = lambda time: window[0] <= time < window[1]
        members = readings[bisect_left(times, window[0]) : bisect_left(times, window[1])]
        row = {name: 0 for name in ACCUMULATORS}
        row["readings"] = len(members)
        row["flagged"] = sum(reading.flagged for reading in members)
        row["calendarMicros"] = sum(overlap(window, shift) for shift in working)
        for begin, finish, state in held[bisect_left(begins, window[0] - gap) : bisect_left(begins, window[1])]:
            piece = (max(begin, window[0]), min(finish, window[1]))
            if piece[0] >= piece[1]:
                continue
            worked = sum(overlap(piece, shift) for shift in working)
            row["knownMicros"] += piece[1] - piece[0]
            row["knownCalendarMicros"] += worked
            row["plannedBusyMicros"] += 0 if state == "planned-down" else worked
            row["producingMicros"] += worked if state == "producing" else 0
        for field, kind, facts in counters:
            name = "produced" if kind == "totals" else "scrap"
            for time, increase, apart, reset, jump in facts:
                if inside(time):
                    row[name + "Apart" if apart else name] += increase
                    row[name + "PlannedMicros"] += 0 if apart else increase * field["plannedRunTimePerItemMicros"]
                    row["counterResets"] += reset
                    row["counterJumps"] += jump
        row["scrapMeasured"] = int(all("scrapPath" in field for field in machine["counters"]))
        row["alarmEdges"] = sum(inside(time) for time in alarm_edges)
        if row["readings"] == 0 and row["knownMicros"] == 0:
            continue
        yield window, row, measures_of(machine, members)


ACCUMULATORS = (
    "readings flagged calendarMicros knownMicros knownCalendarMicros plannedBusyMicros producingMicros produced "
    "producedApart producedPlannedMicros scrap scrapApart scrapPlannedMicros counterResets counterJumps "
    "scrapMeasured alarmEdges"
).split()


def measures_of(machine, readings):
    found = {}
    for index, measure in enumerate(machine["measures"]):
        values = [reading.measures[index] for reading in readings if reading.measures[index] is not None]
        if values:
            mean = Fraction(sum(values), len(values) * 10 ** measure["scale"])
            found[measure["name"]] = {
                "n": str(len(values)),
                "sum": str(sum(values)),
                "min": str(min(values)),
                "max": str(max(values)),
                "mean": half_away(mean, 6),
            }
    return found


def kpis_of(row):
    def ratio(numerator, denominator):
        return half_away(Fraction(numerator, denominator), 6) if denominator else None

    good_planned = row["producedPlannedMicros"] - row["scrapPlannedMicros"]
    return {
        "availability": ratio(row["producingMicros"], row["plannedBusyMicros"]),
        "effectiveness": ratio(row["producedPlannedMicros"], row["producingMicros"]),
        "quality": ratio(row["produced"] - row["scrap"], row["produced"]) if row["scrapMeasured"] else "1.000000",
        "oee": ratio(good_planned, row["plannedBusyMicros"]),
        "alarm_rate_per_hour": ratio(row["alarmEdges"] * 3600 * 10**6, row["knownMicros"]),
        "coverage": ratio(row["knownCalendarMicros"], row["calendarMicros"]),
        "production_count": half_away(Fraction(row["produced"]), 6),
    }


def kpi(vector):
    specification = vector["specification"]
    counts, admitted = Counter(), defaultdict(dict)
    for record in vector["records"]:
        message = json.loads(record["payload"], parse_float=Decimal, parse_int=Decimal)
        elements = [(message, "")]
        if "expand" in specification:
            listed = at_path(message, specification["expand"])
            elements = [({**message, **element}, f"/{n}") for n, element in enumerate(listed)]
        for element, item in elements:
            key = specification["key"]
            name = {
                "path": lambda: at_path(element, key["path"]),
                "topic-level": lambda: record["topic"].split("/")[key["level"]],
                "constant": lambda: key["value"],
            }[key["kind"]]()
            machine = specification["machines"].get(name, specification["machine"])
            reading = Reading(machine, element, record, item)
            late = machine["latenessMicros"]
            if reading.time > reading.appended + FUTURE:
                counts["future"] += 1
            elif late != "none" and reading.time < reading.appended - late:
                counts["late"] += 1
            elif reading.event in admitted[name]:
                counts["duplicate"] += 1
            else:
                admitted[name][reading.event] = reading
    rows = []
    for name in sorted(admitted):
        machine = specification["machines"].get(name, specification["machine"])
        for window, row, measures in windows_of(machine, list(admitted[name].values())):
            rows.append(
                {
                    "key": name,
                    "windowStart": window[0],
                    "windowEnd": window[1],
                    "accumulator": {field: str(value) for field, value in row.items()},
                    "measures": measures,
                    "kpis": kpis_of(row),
                }
            )
    return {"counts": dict(sorted(counts.items())), "windows": rows}


def climate(celsius, humidity):
    """Heat index and dew point in °C, in forty digits."""
    with localcontext() as context:
        context.prec = 40
        number_of = Decimal
        t = celsius * 9 / 5 + 32
        heat = (t * number_of("2.2") - number_of("20.6") + humidity * number_of("0.094")) / 2
        if heat >= 80:
            table = [
                ["-42.379", "10.14333127", "-0.05481717"],
                ["2.04901523", "-0.22475541", "0.00085282"],
                ["-0.00683783", "0.00122874", "-0.00000199"],
            ]
            heat = sum(number_of(table[i][j]) * t**i * humidity**j for i in range(3) for j in range(3))
            if humidity < 13 and 80 <= t <= 112:
                heat -= (13 - humidity) / 4 * ((17 - abs(t - 95)) / 17).sqrt()
            if humidity > 85 and 80 <= t <= 87:
                heat += (humidity - 85) / 10 * (87 - t) / 5
        slope, base = number_of("17.62"), number_of("243.12")
        gamma = (humidity / 100).ln() + slope * celsius / (base + celsius)
        dew = base * gamma / (slope - gamma)
        return [half_away(Fraction(value), 2) for value in ((heat - 32) * 5 / 9, dew)]


def derived(formula, celsius, humidity):
    if humidity is None or not 0 < humidity <= 100 or not -100 <= celsius <= 200:
        return None
    return Decimal(climate(celsius, humidity)[["heat-index", "dew-point"].index(formula)])


def main():
    if sys.argv[1:] == ["kpi"]:
        json.dump(kpi(json.load(sys.stdin)), sys.stdout)
    elif sys.argv[1:] == ["climate"]:
        for line in sys.stdin:
            row = json.loads(line)
            print(json.dumps(climate(Decimal(row["celsius"]), Decimal(row["humidity"]))))
    else:
        sys.exit(__doc__)


main()
