import { invalid, required } from '../errors/field-error.ts';
import type { FieldError } from '../errors/field-error.ts';
import { isObject, itemsAt, objectAt, textAt } from '../json.ts';
import type { Json, JsonObject } from '../json.ts';

const columnTypes = ['boolean', 'date', 'integer', 'number', 'string'];
const columnFormats = ['byte', 'date', 'date-time', 'double', 'float', 'int32', 'int64', 'password'];
const longestWarning = 256;

/** What is wrong with the columns that a version, or an internal spec, adds to tables. */
export function columnErrors(columns: readonly Json[], path: string): FieldError[] {
  return columns.flatMap((column, index) =>
    isObject(column) ? oneColumn(column, `${path}[${String(index)}]`) : [],
  );
}

function oneColumn(column: JsonObject, path: string): FieldError[] {
  const [name = '', format = '', jsonPath = ''] = ['name', 'format', 'jsonPath'].map((field) =>
    textAt(column, field),
  );
  return [
    ...(name === '' ? [required(`${path}.name`)] : []),
    ...columnType(textAt(column, 'type') ?? '', `${path}.type`),
    ...(format === '' || columnFormats.includes(format)
      ? []
      : [invalid(`${path}.format`, format, `must be one of ${columnFormats.join(',')}`)]),
    ...(jsonPath === '' ? [required(`${path}.JSONPath`)] : simplePath(jsonPath, `${path}.JSONPath`)),
  ];
}

function columnType(type: string, path: string): FieldError[] {
  const words = `must be one of ${columnTypes.join(',')}`;
  if (type === '') return [required(path, words)];
  return columnTypes.includes(type) ? [] : [invalid(path, type, words)];
}

function simplePath(path: string, at: string): FieldError[] {
  return path.startsWith('.') ? [] : [invalid(at, path, 'must be a simple json path starting with .')];
}

/** What is wrong with the subresources of a version, or of an internal spec. */
export function subresourceErrors(subresources: Json | undefined, path: string): FieldError[] {
  const scale = objectAt(subresources, 'scale');
  if (scale === undefined) return [];
  const selector = textAt(scale, 'labelSelectorPath') ?? '';
  return [
    ...scalePath(textAt(scale, 'specReplicasPath') ?? '', `${path}.scale.specReplicasPath`, 'spec'),
    ...scalePath(textAt(scale, 'statusReplicasPath') ?? '', `${path}.scale.statusReplicasPath`, 'status'),
    ...(selector === '' ? [] : selectorPath(selector, `${path}.scale.labelSelectorPath`)),
  ];
}

function scalePath(given: string, path: string, inside: 'spec' | 'status'): FieldError[] {
  if (given === '') return [required(path)];
  const errors = simplePath(given, path);
  if (errors.length > 0 || given.startsWith(`.${inside}.`)) return errors;
  return [invalid(path, given, `should be a json path under .${inside}`)];
}

function selectorPath(given: string, path: string): FieldError[] {
  const errors = simplePath(given, path);
  if (errors.length > 0 || /^\.(spec|status)\./.test(given)) return errors;
  return [invalid(path, given, 'should be a json path under either .spec or .status')];
}

/** What is wrong with the warning of a version. */
export function warningErrors(version: JsonObject, path: string): FieldError[] {
  const { deprecationWarning: warning } = version;
  if (typeof warning !== 'string') return [];
  const at = `${path}.deprecationWarning`;
  if (version['deprecated'] !== true)
    return [invalid(at, warning, 'can only be set for deprecated versions')];
  const problems = Buffer.byteLength(warning) > longestWarning ? ['must be <= 256 characters long'] : [];
  if (warning === '') problems.push('must not be an empty string');
  const found = /[\p{C}\p{Zl}\p{Zp}]|(?! )\p{Zs}/u.exec(warning);
  if (found !== null) {
    const index = String(Buffer.byteLength(warning.slice(0, found.index)));
    const words = 'must only contain printable UTF-8 characters';
    problems.push(`${words}; non-printable character found at index ${index}`);
  }
  return problems.map((problem) => invalid(at, warning, problem));
}

/** The columns of a version, or of an internal spec. */
export function columnsOf(holder: JsonObject): readonly Json[] {
  return itemsAt(holder, 'additionalPrinterColumns');
}
