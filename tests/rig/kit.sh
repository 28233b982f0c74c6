# What the scripts inside of the machine share: the hardware, and bounded waits. Read by each of them.
gadgets=/sys/kernel/config/usb_gadget

# until_true SECONDS COMMAND …   waits without a process of its own: here each one is dear
exec {never}<>/run/never
until_true() {
    local end=$((SECONDS + $1))
    shift
    until "$@"; do
        if [ $SECONDS -gt $end ]; then
            echo "waited for: $*"
            return 1
        fi
        read -rt 0.05 -u "$never" || true
    done
}

start_udev() {
    pgrep -x systemd-udevd >/dev/null || /lib/systemd/systemd-udevd --daemon
}

# gadget NAME VID PID PRODUCT SERIAL
gadget() {
    local g=$gadgets/$1
    mkdir -p "$g/strings/0x409" "$g/configs/c.1/strings/0x409"
    echo "$2" >"$g/idVendor"
    echo "$3" >"$g/idProduct"
    echo 0x0200 >"$g/bcdUSB"
    echo Rig >"$g/strings/0x409/manufacturer"
    echo "$4" >"$g/strings/0x409/product"
    echo "$5" >"$g/strings/0x409/serialnumber"
}

# hid NAME PROTOCOL SUBCLASS REPORT_LENGTH DESCRIPTOR_IN_HEX
hid() {
    local f=$gadgets/$1/functions/hid.$1
    mkdir "$f"
    echo "$2" >"$f/protocol"
    echo "$3" >"$f/subclass"
    echo "$4" >"$f/report_length"
    printf '%b' "$(sed 's/../\\x&/g' <<<"$5")" >"$f/report_desc"
    ln -s "$f" "$gadgets/$1/configs/c.1/"
}

# Three scanners on the three virtual ports of dummy_hcd: HID POS, keyboard wedge, CDC-ACM; /dev/hidg0, hidg1, ttyGS0
# are their insides.
make_scanners() {
    modprobe dummy_hcd num=3
    modprobe -a libcomposite usb_f_hid usb_f_acm usbhid hid-generic evdev cdc-acm xhci-pci ftdi_sio
    gadget pos 0x0c2e 0x0907 "HID POS scanner" POS1
    hid pos 0 0 64 "$POS_DESCRIPTOR"
    gadget wedge 0x05e0 0x1200 "Keyboard wedge" KBW1
    hid wedge 1 1 8 "$WEDGE_DESCRIPTOR"
    gadget acm 0x0c2e 0x0720 "CDC scanner" ACM1
    mkdir $gadgets/acm/functions/acm.0
    ln -s $gadgets/acm/functions/acm.0 $gadgets/acm/configs/c.1/
    for name in pos wedge acm; do plug $name; done
}

port_of() {
    case $1 in pos) echo dummy_udc.0 ;; wedge) echo dummy_udc.1 ;; acm) echo dummy_udc.2 ;; esac
}

plug() {
    port_of "$1" >"$gadgets/$1/UDC"
}

# plug_sending NAME FILE: what it sends comes as soon as it can.
plug_sending() {
    plug "$1"
    until_true 30 "send_$1" "$2" 2>/dev/null
}

unplug() {
    echo >"$gadgets/$1/UDC"
}

# What a scanner sends, from files: a report a write, as fast as the bus takes them. In the background they are one process.
send_pos() {
    one_process dd if="$1" of=/dev/hidg0 bs=64 status=none
}

send_wedge() {
    one_process dd if="$1" of=/dev/hidg1 bs=8 status=none
}

send_acm() {
    until_true 30 test -c /dev/ttyGS0 && stty -F /dev/ttyGS0 raw -echo
    one_process cat "$1" >/dev/ttyGS0
}

one_process() {
    if [ "$BASHPID" = $$ ]; then "$@"; else exec "$@"; fi
}

# is_sent PID BYTES: so many of its input, or it has ended
is_sent() {
    [ ! -e "/proc/$1/fdinfo/0" ] || [ "$(sed -n 's/^pos:\t//p' "/proc/$1/fdinfo/0")" -ge "$2" ]
}

# lines_come FILE COUNT SECONDS: until so many are there; that long without another one is the end of it
lines_come() {
    local lines=0 before=-1 end file
    exec {file}<"$1"
    while true; do
        while read -r <&"$file"; do lines=$((lines + 1)); done
        if [ $lines -ge "$2" ]; then return 0; fi
        if [ $lines -ne $before ]; then
            before=$lines end=$((SECONDS + $3))
        elif [ $SECONDS -gt $end ]; then
            echo "$lines lines of $2 are in $1, and no more have come for $3 s"
            return 1
        fi
        read -rt 0.05 -u "$never" || true
    done
}

# lines_settle FILE: how many there are when no more have come for more than a second
lines_settle() {
    local lines=0 before=-1 quiet=0 file
    exec {file}<"$1"
    while [ $quiet -lt 24 ]; do
        while read -r <&"$file"; do lines=$((lines + 1)); done
        quiet=$((lines == before ? quiet + 1 : 0)) before=$lines
        read -rt 0.05 -u "$never" || true
    done
    echo $lines
}

# says FILE TEXT
says() {
    grep -q "$2" "$1"
}
