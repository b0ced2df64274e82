"""The quality of service of OmniBind's own topics."""

from rclpy.qos import DurabilityPolicy
from rclpy.qos import QoSProfile
from rclpy.qos import ReliabilityPolicy

# Reliable: an embedding is small and each one counts. Volatile: an old one is of no use.
EMBEDDINGS_QOS = QoSProfile(depth=50, reliability=ReliabilityPolicy.RELIABLE)
RECOGNITION_QOS = QoSProfile(depth=10, reliability=ReliabilityPolicy.RELIABLE)
LATCHED_QOS = QoSProfile(
    depth=1,
    reliability=ReliabilityPolicy.RELIABLE,
    durability=DurabilityPolicy.TRANSIENT_LOCAL,
)
