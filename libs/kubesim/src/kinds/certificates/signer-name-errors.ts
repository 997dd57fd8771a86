import { dnsLabelProblems, goQuote, subdomainProblems } from '@meridian/cel';
import { invalid, required, tooLong } from '../../errors/field-error.ts';
import type { FieldError } from '../../errors/field-error.ts';

const longestDomain = 253;
const longest = 571;

/** What is wrong with the name of a signer, which is a domain of two parts or more, a slash and a path. */
export function signerNameErrors(name: string, path: string): FieldError[] {
  if (name === '') return [required(path)];
  const [domain = '', way = '', ...more] = name.split('/');
  if (more.length > 0 || !name.includes('/')) {
    const words = "must be a fully qualified domain and path of the form 'example.com/signer-name'";
    return [invalid(path, name, words)];
  }
  const few = 'should be a domain with at least two segments separated by dots';
  return [
    ...(Buffer.byteLength(domain) > longestDomain ? [tooLong(path, longestDomain)] : []),
    ...firstLabelErrors(domain, path, dnsLabelProblems),
    ...(domain.includes('.') ? [] : [invalid(path, domain, few)]),
    ...firstLabelErrors(way, path, subdomainProblems),
    ...(Buffer.byteLength(name) > longest ? [tooLong(path, longest)] : []),
  ];
}

/** Only the first label that is wrong is told of. */
function firstLabelErrors(text: string, path: string, problems: (label: string) => string[]): FieldError[] {
  for (const label of text.split('.')) {
    const found = problems(label);
    if (found.length === 0) continue;
    return found.map((problem) => invalid(path, text, `validating label ${goQuote(label)}: ${problem}`));
  }
  return [];
}
