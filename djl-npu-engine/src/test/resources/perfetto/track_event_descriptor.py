"""Cuts Perfetto's descriptor down to what a trace of track events needs.

    pip install perfetto==0.59.1 protobuf; python track_event_descriptor.py track_event.desc
"""
import sys
from google.protobuf import descriptor_pb2
from perfetto.protos.perfetto.trace import perfetto_trace_pb2

KEPT = {
    "Trace": None,
    "TracePacket": {"timestamp", "timestamp_clock_id", "track_event", "track_descriptor",
                    "trusted_packet_sequence_id", "sequence_flags"},
    "TrackEvent": {"category_iids", "categories", "name_iid", "name", "type", "track_uuid"},
    "TrackDescriptor": {"uuid", "parent_uuid", "name", "static_name", "process", "thread",
                        "child_ordering", "sibling_order_rank"},
    "ProcessDescriptor": {"pid", "process_name"},
    "ThreadDescriptor": {"pid", "tid", "thread_name"},
}

whole = descriptor_pb2.FileDescriptorProto()
perfetto_trace_pb2.DESCRIPTOR.CopyToProto(whole)
cut = descriptor_pb2.FileDescriptorProto(name=whole.name, package=whole.package)
cut.syntax = whole.syntax
for message in whole.message_type:
    if message.name not in KEPT:
        continue
    names = KEPT[message.name]
    kept = descriptor_pb2.DescriptorProto(name=message.name)
    for field in message.field:
        if names is None or field.name in names:
            copy = kept.field.add(name=field.name, number=field.number, label=field.label,
                                  type=field.type)
            if field.type_name:
                copy.type_name = field.type_name
    enums = {field.type_name.rsplit(".", 1)[-1] for field in kept.field
             if field.type == field.TYPE_ENUM}
    kept.enum_type.extend(e for e in message.enum_type if e.name in enums)
    cut.message_type.append(kept)
with open(sys.argv[1], "wb") as file:
    file.write(descriptor_pb2.FileDescriptorSet(file=[cut]).SerializeToString(deterministic=True))
