"""A handheld out of its box: it joins a server by the code that is scanned from the server's screen, over HTTPS."""
FEEDS = None  # the small world of make_feed
PINNED_YEAR = None
AUTO = True
PULLS = ["XJ-9912-77"]


def prepare(world):
    world.url = world.start_server("--tls")


def joins(d):
    d.shot("enrol-nobody")
    d.scan("]Q1tallyman:1:nonsense")
    d.shot("enrol-nonsense")
    d.key("Escape")
    d.scan("]Q1tallyman:9:later")
    d.shot("enrol-newer")
    d.key("Escape")
    string = d.world.one_time_string("CDB", d.world.url)
    d.scan("]Q1" + string)
    d.shot("enrol-asked")
    d.key("Enter")
    d.shot("enrol-asked")  # Enter, which scanners send too, joins nothing
    d.key("F3")
    d.shot("enrol-joined")
    d.key("Escape")
    d.see("2 ")
    d.shot("enrol-operators")
    return string


def joins_again(d, string):
    """From the sync screen; a server that does not answer leaves all as it was."""
    d.key("F3")
    d.see("1\n")
    d.scan("]Q1" + d.world.one_time_string("CDB", "https://127.0.0.1:1"))
    d.see("https://")
    d.key("F3")
    d.shot("enrol-nobody-there")
    d.key("Escape")
    d.terminal.wait(lambda screen: "https" not in screen, "the sync screen")
    d.scan("]Q1" + string)
    d.see("https://")
    d.key("F3")
    d.shot("enrol-again")  # the same string and key: the same device
    d.key("Escape", "Escape")


def works(d):
    d.key("Down", "Enter")
    d.pin("2468")
    d.shot("enrol-home")


def walk(d):
    string = joins(d)
    joins_again(d, string)
    works(d)
