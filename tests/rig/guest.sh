#!/bin/bash
# Second program of the virtual machine: does what comes over the virtual serial port. A line in is a script in base64;
# a line out is its exit status and what it said, in base64.
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
port=
until [ "$port" ]; do # the host has its own limit for this
    for name in /sys/class/virtio-ports/*/name; do
        [ -e "$name" ] && [ "$(<"$name")" = rig ] && port=/dev/$(basename "$(dirname "$name")")
    done
done
exec 3<>"$port"
echo "ready $(cut -d' ' -f1 /proc/uptime)" >&3
while IFS= read -r line <&3; do
    base64 -d <<<"$line" >/run/script
    said=$(bash /run/script 2>&1 3>&- </dev/null | base64 -w0; exit "${PIPESTATUS[0]}")
    echo "$? $said" >&3
done
