const labelKeyFormat = '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]';
const labelKey = new RegExp(`^${labelKeyFormat}$`);
const labelKeyWords = formatWords(
  "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
  labelKeyFormat,
  ['MyName', 'my.name', '123-abc'],
);

const labelValueFormat = `(${labelKeyFormat})?`;
const labelValue = new RegExp(`^${labelValueFormat}$`);
const labelValueWords = formatWords(
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
  labelValueFormat,
  ['MyValue', 'my_value', '12345'],
);

const subdomainFormat = '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*';
const subdomain = new RegExp(`^${subdomainFormat}$`);
const subdomainWords = formatWords(
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character",
  subdomainFormat,
  ['example.com'],
);

const underscoredLabel = '_?[a-z0-9]([-_a-z0-9]*[a-z0-9])?';
const underscoredFormat = `${underscoredLabel}(\\.${underscoredLabel})*`;
const underscored = new RegExp(`^${underscoredFormat}$`);
const underscoredWords = formatWords(
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '_', '-' or '.', and must start and end with an alphanumeric character",
  underscoredFormat,
  ['example.com'],
);

/**
 * What is wrong with the key of a label, annotation or taint: an optional DNS subdomain and a slash, then a name of at most
 * 63 bytes. None when nothing is (`IsLabelKey` of k8s.io/apimachinery/pkg/api/validate/content).
 */
export function labelKeyProblems(key: string): string[] {
  const parts = key.split('/');
  if (parts.length > 2) {
    return [
      `a valid label key ${labelKeyWords} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`,
    ];
  }
  const prefix = parts.length === 2 ? parts[0] : undefined;
  return [...(prefix === undefined ? [] : prefixProblems(prefix)), ...namePartProblems(parts.at(-1) ?? '')];
}

function prefixProblems(prefix: string): string[] {
  const form = [...lengthProblems(prefix, 253), ...(subdomain.test(prefix) ? [] : [subdomainWords])];
  const problems = prefix === '' ? ['must be non-empty'] : form;
  return problems.map((problem) => `prefix part ${problem}`);
}

function namePartProblems(name: string): string[] {
  const size = name === '' ? ['must be non-empty'] : lengthProblems(name, 63);
  return [...size, ...(labelKey.test(name) ? [] : [labelKeyWords])].map((problem) => `name part ${problem}`);
}

/** What is wrong with the value of a label; none when nothing is. */
export function labelValueProblems(value: string): string[] {
  return [...lengthProblems(value, 63), ...(labelValue.test(value) ? [] : [labelValueWords])];
}

/** What is wrong with a lower-case DNS subdomain of RFC 1123, the name of most objects; none when nothing is. */
export function subdomainProblems(name: string): string[] {
  return [...sizeProblems(name, 253), ...(subdomain.test(name) ? [] : [subdomainWords])];
}

/** What is wrong with a DNS subdomain by the rules that a type declares of itself, which say it in other words. */
export function declaredProblems(name: string): string[] {
  return [...lengthProblems(name, 253), ...(subdomain.test(name) ? [] : [subdomainWords])];
}

/** What is wrong with a DNS subdomain whose labels may have underscores; none when nothing is. */
export function underscoredProblems(name: string): string[] {
  return [...sizeProblems(name, 253), ...(underscored.test(name) ? [] : [underscoredWords])];
}

/** Names as a whole are counted in characters by the server's words, those in labels in bytes. */
function sizeProblems(text: string, most: number): string[] {
  return Buffer.byteLength(text) > most ? [`must be no more than ${String(most)} characters`] : [];
}

function lengthProblems(text: string, most: number): string[] {
  return Buffer.byteLength(text) > most ? [`must be no more than ${String(most)} bytes`] : [];
}

function formatWords(rule: string, format: string, examples: readonly string[]): string {
  const shown = examples.map((example, index) => `${index === 0 ? '' : ' or '}'${example}', `).join('');
  return `${rule} (e.g. ${shown}regex used for validation is '${format}')`;
}

const dnsLabelFormat = '[a-z0-9]([-a-z0-9]*[a-z0-9])?';
const dnsLabel = new RegExp(`^${dnsLabelFormat}$`);
const dnsLabelWords = formatWords(
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character",
  dnsLabelFormat,
  ['my-name', '123-abc'],
);

const serviceLabelFormat = '[a-z]([-a-z0-9]*[a-z0-9])?';
const serviceLabel = new RegExp(`^${serviceLabelFormat}$`);
const serviceLabelWords = formatWords(
  "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character",
  serviceLabelFormat,
  ['my-name', 'abc-123'],
);

/** What is wrong with a lower-case DNS label of RFC 1123, such as the name of a namespace; none when nothing is. */
export function dnsLabelProblems(name: string): string[] {
  const form = subdomain.test(name) ? 'must not contain dots' : dnsLabelWords;
  return [...sizeProblems(name, 63), ...(dnsLabel.test(name) ? [] : [form])];
}

/** What is wrong with a DNS label of RFC 1035, such as the name of a service; none when nothing is. */
export function serviceLabelProblems(name: string): string[] {
  return [...sizeProblems(name, 63), ...(serviceLabel.test(name) ? [] : [serviceLabelWords])];
}

/** What is wrong with a name that need only be a part of a path, such as that of a role; none when nothing is. */
export function pathSegmentProblems(name: string): string[] {
  if (name === '.' || name === '..') return [`may not be '${name}'`];
  return ['/', '%'].filter((part) => name.includes(part)).map((part) => `may not contain '${part}'`);
}
