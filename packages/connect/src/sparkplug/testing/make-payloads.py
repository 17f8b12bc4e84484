"""
Payloads made by Eclipse Tahu's own protobuf code, as PyPI's mqtt-spb-wrapper 2.1.2 brings it along:

    python3 -m venv venv && venv/bin/pip install mqtt-spb-wrapper==2.1.2
    venv/bin/python make-payloads.py > payloads.json
"""

import json
import struct

from mqtt_spb_wrapper.spb_protobuf import sparkplug_b as spb
from mqtt_spb_wrapper.spb_protobuf.sparkplug_b_pb2 import Payload

TIME = 1_700_000_000_000
T = spb.MetricDataType
D = spb.DataSetDataType


def payload(seq=None, timestamp=TIME):
    made = Payload()
    made.timestamp = timestamp
    if seq is not None:
        made.seq = seq
    return made


def scalars():
    made = payload(0)
    for alias, (name, kind, value) in enumerate(
        [
            ("int8", T.Int8, -5),
            ("int16", T.Int16, -300),
            ("int32", T.Int32, -70_000),
            ("int64", T.Int64, -(2**53) - 1),
            ("uint8", T.UInt8, 200),
            ("uint16", T.UInt16, 60_000),
            ("uint32", T.UInt32, 4_000_000_000),
            ("uint64", T.UInt64, 2**64 - 1),
            ("float", T.Float, 1.1),
            ("double", T.Double, 1.1),
            ("nan", T.Double, float("nan")),
            ("boolean", T.Boolean, True),
            ("string", T.String, "grüße"),
            ("date", T.DateTime, 1_750_243_645_054),
            ("text", T.Text, "long text"),
            ("uuid", T.UUID, "123e4567-e89b-12d3-a456-426614174000"),
            ("bytes", T.Bytes, b"\x00\xff"),
        ],
        start=1,
    ):
        spb.addMetric(made, name, alias, kind, value, TIME)
    spb.addNullMetric(made, "null", 40, T.Int32)
    made.metrics[-1].timestamp = TIME
    return made


def data_set():
    made = payload(1)
    table = spb.initDatasetMetric(made, "table", None, ["n", "ok", "who"], [D.Int8, D.Boolean, D.String])
    made.metrics[-1].timestamp = TIME
    for number, fine, who in [(-1, True, "a"), (2, False, "b")]:
        row = table.rows.add()
        row.elements.add().int_value = number % 2**8
        row.elements.add().boolean_value = fine
        row.elements.add().string_value = who
    return made


def template():
    made = payload(2)
    motor = spb.initTemplateMetric(made, "motor", None, "Motor")
    made.metrics[-1].timestamp = TIME
    spb.addMetric(motor, "rpm", None, T.Int32, 1200, TIME)
    parameter = motor.parameters.add()
    parameter.name = "poles"
    parameter.type = spb.ParameterDataType.Int32
    parameter.int_value = 4
    return made


def arrays():
    made = payload(3)
    for name, kind, value in [
        ("int8s", 22, struct.pack("<2b", -1, 1)),
        ("int16s", 23, struct.pack("<2h", -300, 300)),
        ("int64s", 25, struct.pack("<q", -(2**53) - 1)),
        ("floats", 30, struct.pack("<2f", 1.1, -0.5)),
        ("booleans", 32, struct.pack("<I", 10) + bytes([0b10100000, 0b01000000])),
        ("strings", 33, b"one\0two\0"),
        ("dates", 34, struct.pack("<Q", 1_750_243_645_054)),
    ]:
        metric = made.metrics.add()
        metric.name, metric.datatype, metric.timestamp, metric.bytes_value = name, kind, TIME, value
    return made


def node_birth(bd_seq, seq=0):
    made = payload(seq)
    spb.addMetric(made, "bdSeq", None, T.Int64, bd_seq, TIME)
    spb.addMetric(made, "Node Control/Rebirth", None, T.Boolean, False, TIME)
    spb.addMetric(made, "temperature", 1, T.Float, 20.5, TIME)
    return made


def node_death(bd_seq):
    made = payload()
    spb.addMetric(made, "bdSeq", None, T.Int64, bd_seq, TIME)
    return made


def by_alias(seq, alias, kind, value, timestamp=TIME):
    made = payload(seq, timestamp)
    metric = spb.addMetric(made, None, alias, kind, value, timestamp)
    metric.ClearField("datatype")
    return made


def device_birth(seq):
    made = payload(seq)
    spb.addMetric(made, "count", 7, T.Int64, 5, TIME)
    return made


def historical(seq):
    made = by_alias(seq, 1, T.Float, 19.5)
    made.metrics[0].is_historical = True
    made.metrics[0].timestamp = TIME - 60_000
    return made


def rebirth():
    made = payload()
    spb.addMetric(made, "Node Control/Rebirth", None, T.Boolean, True, TIME)
    return made


print(
    json.dumps(
        {
            "scalars": scalars(),
            "data_set": data_set(),
            "template": template(),
            "arrays": arrays(),
            "node_birth": node_birth(3),
            "node_birth_next": node_birth(4),
            "node_death": node_death(3),
            "node_data_1": by_alias(1, 1, T.Float, 21.5),
            "node_data_3": by_alias(3, 1, T.Float, 22.5),
            "device_birth_1": device_birth(1),
            "device_data_2": by_alias(2, 7, T.Int64, -6),
            "device_death_3": payload(3),
            "historical_1": historical(1),
            "unknown_alias_1": by_alias(1, 99, T.Float, 0.5),
            "node_data_255": by_alias(255, 1, T.Float, 1.0),
            "node_data_0": by_alias(0, 1, T.Float, 2.0),
            "node_birth_254": node_birth(3, 254),
            "rebirth": rebirth(),
        },
        default=lambda made: made.SerializeToString().hex(),
        indent=2,
    )
)
