#!/bin/bash
# Second program of the virtual machine that has the host's files: what a system's start would do, then the agent.
export PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/nowhere LC_ALL=C.UTF-8 TERM=linux
for word in $(</proc/cmdline); do
    case $word in rig.tree=*) tree=${word#*=} ;; esac
done
ip link set lo up
mkdir -p /lib/modules /run/udev
mkfifo /run/never # nothing ever comes: to wait for it is a sleep
ln -sfn "$tree/lib/modules/$(uname -r)" "/lib/modules/$(uname -r)"
modprobe configfs && mount -t configfs configfs /sys/kernel/config
mount -t tracefs tracefs /sys/kernel/tracing
exec "$(dirname "$0")/agent.sh"
