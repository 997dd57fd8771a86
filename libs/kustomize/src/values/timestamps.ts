/**
 * The forms of go-yaml (resolve.go, allowedTimestampFormats) as Go's time.Parse takes them: short fields, a comma before
 * the fraction and several spaces are fine; a zone belongs to the forms with `T` only.
 */
const form =
  /^([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})(?:(?:([Tt])| +)([0-9]{1,2}):([0-9]{1,2}):([0-9]{1,2})(?:[.,]([0-9]+))?(Z|[+-][0-9]{2}:[0-9]{2})?)?$/;

/** Whether go-yaml takes a plain text for a timestamp. */
export function isTimestamp(text: string): boolean {
  return text.charCodeAt(4) === 45 && partsOf(text) !== undefined;
}

/**
 * A timestamp in RFC 3339, as Go's time.Time writes itself to JSON; undefined for what is none or has a zone of a day or
 * more, which Go refuses to write.
 */
export function rfc3339(text: string): string | undefined {
  const parts = partsOf(text);
  if (!parts) return undefined;
  const minutes = zoneMinutes(parts.zone);
  if (Math.abs(minutes) >= 24 * 60) return undefined;
  const [year, month, day] = parts.date;
  const [hour, minute, second] = parts.time;
  const fraction = parts.fraction.slice(0, 9).replace(/0+$/, '');
  const date = `${String(year).padStart(4, '0')}-${two(month)}-${two(day)}`;
  const time = `${two(hour)}:${two(minute)}:${two(second)}${fraction === '' ? '' : `.${fraction}`}`;
  return `${date}T${time}${zoneText(minutes)}`;
}

interface Parts {
  readonly date: readonly [number, number, number];
  readonly time: readonly [number, number, number];
  readonly fraction: string;
  readonly zone: string;
}

function partsOf(text: string): Parts | undefined {
  const found = form.exec(text);
  if (!found) return undefined;
  const [, , , , separator = '', , , , fraction = '', zone = ''] = found;
  // A zone belongs to the forms with `T`, and they to it.
  if ((separator !== '') !== (zone !== '')) return undefined;
  const date = [numberAt(found, 1), numberAt(found, 2), numberAt(found, 3)] as const;
  const time = [numberAt(found, 5), numberAt(found, 6), numberAt(found, 7)] as const;
  return isDate(date) && isTime(time) && isZone(zone) ? { date, time, fraction, zone } : undefined;
}

function numberAt(found: RegExpExecArray, group: number): number {
  return Number(found[group] ?? '0');
}

function isTime([hour, minute, second]: readonly [number, number, number]): boolean {
  return hour < 24 && minute < 60 && second < 60;
}

/** Go lets zones reach 24 hours and 60 minutes. */
function isZone(zone: string): boolean {
  return Number(zone.slice(1, 3)) <= 24 && Number(zone.slice(4)) <= 60;
}

function isDate([year, month, day]: readonly [number, number, number]): boolean {
  const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  const days = [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1] ?? 0;
  return day >= 1 && day <= days;
}

function zoneMinutes(zone: string): number {
  if (zone === '' || zone === 'Z') return 0;
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(4));
  return zone.startsWith('-') ? -minutes : minutes;
}

function zoneText(minutes: number): string {
  if (minutes === 0) return 'Z';
  const size = Math.abs(minutes);
  return `${minutes < 0 ? '-' : '+'}${two(Math.floor(size / 60))}:${two(size % 60)}`;
}

function two(number: number): string {
  return String(number).padStart(2, '0');
}
