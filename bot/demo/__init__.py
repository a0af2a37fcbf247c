"""A township that does not exist, for trying everything out: 云溪镇(演示)."""
