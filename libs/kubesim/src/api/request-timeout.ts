import { goQuote } from '@meridian/cel';
import { badRequestError } from '../errors/api-error.ts';

const part = /^(\d+\.?\d*|\.\d+)([^\d.]*)/;
const units = ['ns', 'us', 'µs', 'μs', 'ms', 's', 'm', 'h'];

/** Throws 400 about a `timeout` that is no duration of Go. Nothing here takes so long that it would have to be cut off. */
export function checkTimeout(query: URLSearchParams): void {
  const text = query.get('timeout') ?? '';
  const why = text === '' ? undefined : durationProblem(text);
  if (why === undefined) return;
  throw badRequestError(
    `invalid timeout specified in the request URL - time: ${why} duration ${goQuote(text)}`,
  );
}

function durationProblem(text: string): string | undefined {
  let rest = text.replace(/^[-+]/, '');
  if (rest === '0') return undefined;
  if (rest === '') return 'invalid';
  while (rest !== '') {
    const [whole, , unit = ''] = part.exec(rest) ?? [];
    if (whole === undefined) return 'invalid';
    if (unit === '') return 'missing unit in';
    if (!units.includes(unit)) return `unknown unit ${goQuote(unit)} in`;
    rest = rest.slice(whole.length);
  }
  return undefined;
}
