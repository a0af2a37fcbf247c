"""Where people live, and where deputies receive them."""

from sqlalchemy import Column, LargeBinary, String, Table

from storage.tables.columns import Document, Instant, identity, metadata, refers

areas = Table(
    "areas",
    metadata,
    identity(),
    refers("parent_id", "areas.id", nullable=True, index=True),
    Column("level", String(16), nullable=False),
    Column("code", String(64), nullable=False, unique=True),
    Column("name", String(200), nullable=False),
    # The ids from the root down to this area, "/1/4/9/": one range finds everything below a node, in plain order.
    Column("path", String(400).with_variant(String(400, collation="C"), "postgresql"), nullable=False, index=True),
    Column("aliases", Document, nullable=False),
    Column("polygon", LargeBinary),  # WKB, longitude then latitude, WGS 84
    Column("retired_at", Instant),
)

stations = Table(
    "stations",
    metadata,
    identity(),
    refers("area_id", "areas.id", index=True),
    Column("code", String(64), nullable=False, unique=True),
    Column("name", String(200), nullable=False),
    Column("address", String(400), nullable=False, server_default=""),
)
