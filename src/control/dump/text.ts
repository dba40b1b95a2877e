// The forms that the data dumps share: a section, and a time as ctime(3) writes it.

const DAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** A section of a data dump: its title, and its lines. */
export function section(title: string, lines: readonly string[]): string {
  return `------< ${title} >------\n` + lines.map((line) => `${line}\n`).join("");
}

/** Local time in words, of microseconds since the epoch; `fraction` comes right behind the seconds. */
export function ctime(us: number, fraction = ""): string {
  const time = new Date(us / 1000);
  const two = (n: number) => String(n).padStart(2, "0");
  const clock = `${two(time.getHours())}:${two(time.getMinutes())}:${two(time.getSeconds())}`;
  const day = String(time.getDate()).padStart(2);
  return `${DAYS[time.getDay()]} ${MONTHS[time.getMonth()]} ${day} ${clock}${fraction} ${time.getFullYear()}`;
}
