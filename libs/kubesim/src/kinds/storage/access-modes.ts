import { forbidden, notSupported, required } from '../../errors/field-error.ts';
import type { FieldError } from '../../errors/field-error.ts';
import type { JsonObject } from '../../json.ts';
import { textsOf } from '../services/spec.ts';

const modes = ['ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOnce', 'ReadWriteOncePod'];

/** How a volume may be shown to containers. */
export const volumeModes = ['Block', 'Filesystem'];

/** What is wrong with by whom a volume may be used at once; `needed` is said when nobody may. */
export function accessModeErrors(spec: JsonObject, needed: string): FieldError[] {
  return [...presenceErrors(spec, needed), ...accessModeValueErrors(spec)];
}

/** Nothing but that somebody may use a volume. */
export function presenceErrors(spec: JsonObject, needed: string): FieldError[] {
  return textsOf(spec, 'accessModes').length === 0 ? [required('spec.accessModes', needed)] : [];
}

/** What is wrong with the modes that are given. */
export function accessModeValueErrors(spec: JsonObject): FieldError[] {
  const given = textsOf(spec, 'accessModes');
  const path = 'spec.accessModes';
  const known = given.filter((mode) => modes.includes(mode));
  const alone = known.includes('ReadWriteOncePod') && known.some((mode) => mode !== 'ReadWriteOncePod');
  return [
    ...given.filter((mode) => !modes.includes(mode)).map((mode) => notSupported(path, mode, modes)),
    ...(alone ? [forbidden(path, 'may not use ReadWriteOncePod with other access modes')] : []),
  ];
}
