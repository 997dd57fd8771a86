import { duplicate, invalid, required } from '../errors/field-error.ts';
import type { FieldError } from '../errors/field-error.ts';
import { itemsAt, textAt } from '../json.ts';
import type { JsonObject } from '../json.ts';
import { followPath } from './field-path.ts';

const most = 8;
const selectableTypes = ['string', 'boolean', 'integer'];
const typeWords =
  'must point to a field of type string, boolean or integer. Enum string fields and strings with formats are allowed.';

/** What is wrong with the fields by which a version, or an internal spec, lets objects be selected. */
export function selectableErrors(holder: JsonObject, schema: JsonObject, path: string): FieldError[] {
  const seen = new Set<string>();
  const errors = itemsAt(holder, 'selectableFields').flatMap((field, index) =>
    oneField(textAt(field, 'jsonPath') ?? '', `${path}[${String(index)}].jsonPath`, { schema, seen }),
  );
  if (seen.size <= most) return errors;
  const tooMany: FieldError = {
    type: 'FieldValueTooMany',
    field: path,
    shown: String(seen.size),
    detail: `must have at most ${String(most)} items`,
  };
  return [...errors, tooMany];
}

function oneField(
  given: string,
  path: string,
  { schema, seen }: { readonly schema: JsonObject; readonly seen: Set<string> },
): FieldError[] {
  if (given === '') return [required(path)];
  const found = followPath(given, schema, false);
  if (!found.ok) return [invalid(path, given, `is an invalid path: ${found.problem}`)];
  const errors: FieldError[] = [];
  if (found.names[0] === 'metadata')
    errors.push(invalid(path, given, 'must not point to fields in metadata'));
  if (!selectableTypes.includes(textAt(found.schema, 'type') ?? '')) {
    errors.push(invalid(path, given, typeWords));
  }
  const name = found.names.join('.');
  if (seen.has(name)) errors.push(duplicate(path, given));
  seen.add(name);
  return errors;
}
