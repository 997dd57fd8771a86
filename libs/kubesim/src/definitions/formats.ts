import { goQuote } from '@meridian/cel';
import { memberOf, textAt } from '../json.ts';
import type { JsonObject } from '../json.ts';
import type { KubeObject } from '../kube-object.ts';
import { internalSpec, schemaAt, versionsOf } from './internal-spec.ts';
import { everySchema } from './schema-walk.ts';

/** Formats of text that are checked, without their dashes. */
const ofText = new Set(
  (
    'bsonobjectid uri email hostname ipv4 ipv6 cidr mac uuid uuid3 uuid4 uuid5 isbn isbn10 isbn13 creditcard ssn hexcolor ' +
    'rgbcolor byte password date duration datetime k8sshortname k8slongname'
  ).split(' '),
);

const ofNumbers: Readonly<Record<string, readonly string[]>> = {
  integer: ['int32', 'int64'],
  number: ['float', 'double'],
};

/** What a definition is warned about: formats that nobody checks, but for those that it had before. */
export function unknownFormats(definition: KubeObject, old: KubeObject | undefined): string[] {
  const before = new Set(old === undefined ? [] : formatsOf(old));
  return formatsOf(definition)
    .filter((format) => !before.has(format))
    .map((format) => `unrecognized format ${goQuote(format)}`);
}

function formatsOf(definition: KubeObject): string[] {
  const spec = internalSpec(definition);
  const schemas = [
    schemaAt(spec, 'validation'),
    ...versionsOf(spec).map((version) => schemaAt(version, 'schema')),
  ];
  return schemas.flatMap((schema) =>
    schema === undefined ? [] : everySchema(schema).flatMap((one) => unknownFormat(one)),
  );
}

function unknownFormat(schema: JsonObject): string[] {
  const format = textAt(schema, 'format') ?? '';
  if (format === '') return [];
  const type = textAt(schema, 'type') ?? '';
  const isKnown =
    type === '' || type === 'string'
      ? ofText.has(format.replaceAll('-', ''))
      : (memberOf(ofNumbers, type) ?? []).includes(format);
  return isKnown ? [] : [format];
}
