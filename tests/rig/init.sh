#!/busybox sh
# First program of the virtual machine: the host's files, read only, below a layer in memory; then guest.sh.
b=/busybox
$b mkdir -p /proc /sys /dev /host /layer /new
$b mount -t proc proc /proc
$b mount -t sysfs sysfs /sys
$b mount -t devtmpfs dev /dev
for module in $($b cat /modules/order); do $b insmod "/modules/$module"; done
$b mount -t 9p -o trans=virtio,version=9p2000.L,msize=262144,cache=loose,ro host /host
$b mount -t tmpfs tmpfs /layer
$b mkdir /layer/upper /layer/work
$b mount -t overlay -o lowerdir=/host,upperdir=/layer/upper,workdir=/layer/work overlay /new
for folder in proc sys dev; do
    $b mkdir -p "/new/$folder"
    $b mount --move "/$folder" "/new/$folder"
done
$b mkdir -p /new/dev/pts /new/dev/shm /new/run
$b mount -t devpts -o ptmxmode=0666 devpts /new/dev/pts
$b mount -t tmpfs tmpfs /new/dev/shm
$b mount -t tmpfs tmpfs /new/run
guest=
for word in $($b cat /new/proc/cmdline); do
    case $word in rig.guest=*) guest=${word#*=} ;; esac
done
exec $b switch_root /new "$guest"
