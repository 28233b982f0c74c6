#!/busybox sh
# First program of the virtual machine that has a root of its own, on its disk.
b=/busybox
$b mkdir -p /proc /sys /dev /new
$b mount -t proc proc /proc
$b mount -t sysfs sysfs /sys
$b mount -t devtmpfs dev /dev
for module in $($b cat /modules/order); do $b insmod "/modules/$module"; done
$b mount -t ext4 /dev/vda /new
for folder in proc sys dev; do $b mount --move "/$folder" "/new/$folder"; done
exec $b switch_root /new /sbin/init
