/** Where two values of JSON differ first and how, as in `spec.replicas: 2, not 3`; undefined when they are the same. */
export function differenceOf(found: unknown, wanted: unknown, path = ''): string | undefined {
  if (Object.is(found, wanted)) return undefined;
  if (!isObject(found) || !isObject(wanted) || Array.isArray(found) !== Array.isArray(wanted)) {
    return `${path === '' ? 'the whole' : path}: ${short(found)}, not ${short(wanted)}`;
  }
  for (const name of new Set([...Object.keys(wanted), ...Object.keys(found)])) {
    const difference = differenceOf(found[name], wanted[name], path === '' ? name : `${path}.${name}`);
    if (difference !== undefined) return difference;
  }
  return undefined;
}

/** As much as a line takes. */
const mostLetters = 300;

function short(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > mostLetters ? `${text.slice(0, mostLetters)}…` : text;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
