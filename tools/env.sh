# Enter OmniBind's environment: `. tools/env.sh` (bash). Made by `make env`.
# ROS topics stay on this machine; another domain: ROS_DOMAIN_ID=7 . tools/env.sh
omnibind_root="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
if [ ! -f "$omnibind_root/install/setup.bash" ]; then
  echo "error: $omnibind_root/install is missing: run \`make env\` first" >&2
  return 1 2>/dev/null || exit 1
fi
export VIRTUAL_ENV="$omnibind_root/.venv"
export PATH="$omnibind_root/install/omnibind/lib/omnibind:$VIRTUAL_ENV/bin:$PATH"
# The wheels mark a process that has found their libraries; another environment's mark is wrong here.
unset _ROS_WHEELS_BOOTSTRAP_COMPLETE
if [ -z "${ROS_DISTRO:-}" ]; then
  # The wheels are an ament prefix without a setup file.
  export AMENT_PREFIX_PATH="$VIRTUAL_ENV" ROS_VERSION=2 ROS_PYTHON_VERSION=3
  unset LD_LIBRARY_PATH COLCON_PREFIX_PATH
fi
. "$omnibind_root/install/local_setup.bash"
export ROS_AUTOMATIC_DISCOVERY_RANGE="${ROS_AUTOMATIC_DISCOVERY_RANGE:-LOCALHOST}"
export ROS_DOMAIN_ID="${ROS_DOMAIN_ID:-77}"
# Pictures and clouds do not fit Fast DDS's default shared-memory segment (README, "Large messages").
# Jazzy reads the first name, Kilted and later the second.
export FASTRTPS_DEFAULT_PROFILES_FILE="${FASTRTPS_DEFAULT_PROFILES_FILE:-$omnibind_root/config/dds/fastdds_localhost.xml}"
export FASTDDS_DEFAULT_PROFILES_FILE="${FASTDDS_DEFAULT_PROFILES_FILE:-$FASTRTPS_DEFAULT_PROFILES_FILE}"
unset omnibind_root
