import { Optional } from '@marcbachmann/cel-js';
import type { Environment } from '@marcbachmann/cel-js';
import {
  dnsLabelProblems,
  labelKeyProblems,
  labelValueProblems,
  serviceLabelProblems,
  subdomainProblems,
} from '../forms/names.ts';
import { hasFormat } from '../forms/formats.ts';
import type { Register } from './cel-fault.ts';

type Problems = (text: string) => string[];

/** A prefix may end in a dash, to which something comes. */
const prefixed =
  (problems: Problems): Problems =>
  (text) =>
    problems(text.endsWith('-') ? `${text.slice(0, -1)}a` : text);

const strict =
  (format: string, words: string): Problems =>
  (text) =>
    hasFormat(text, format) ? [] : [words];

const formats: Readonly<Record<string, Problems>> = {
  dns1123Label: dnsLabelProblems,
  dns1123Subdomain: subdomainProblems,
  dns1035Label: serviceLabelProblems,
  qualifiedName: labelKeyProblems,
  dns1123LabelPrefix: prefixed(dnsLabelProblems),
  dns1123SubdomainPrefix: prefixed(subdomainProblems),
  dns1035LabelPrefix: prefixed(serviceLabelProblems),
  labelValue: labelValueProblems,
  uri: strict('uri', 'invalid URI for request'),
  uuid: strict('uuid', 'does not match the UUID format'),
  byte: strict('byte', 'invalid base64'),
  date: strict('date', 'invalid date'),
  datetime: strict('datetime', 'invalid datetime'),
};

/** One of the formats by name. */
class CelFormat {
  readonly problems: Problems;
  constructor(problems: Problems) {
    this.problems = problems;
  }
}

/** The name before the dot of `format.uuid`. */
class FormatNamespace {}

/** Formats of text: `!format.dns1123Label().validate(self.name).hasValue()`. */
export function registerFormats(environment: Environment, register: Register): void {
  const type = 'kubernetes.NamedFormat';
  environment.registerType(type, CelFormat);
  environment.registerType('FormatNamespace', FormatNamespace);
  environment.registerConstant('format', 'FormatNamespace', new FormatNamespace());
  for (const [name, problems] of Object.entries(formats)) {
    register(`FormatNamespace.${name}(): ${type}`, () => new CelFormat(problems));
  }
  register(`FormatNamespace.named(string): optional<${type}>`, (_: unknown, name: string) => {
    const problems = Object.hasOwn(formats, name) ? formats[name] : undefined;
    return problems === undefined ? Optional.none() : Optional.of(new CelFormat(problems));
  });
  register(`${type}.validate(string): optional<list<string>>`, ({ problems }: CelFormat, text: string) => {
    const found = problems(text);
    return found.length === 0 ? Optional.none() : Optional.of(found);
  });
}
