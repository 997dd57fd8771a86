import type { Json } from '../json.ts';

/** Types of a field error with the reason that a Status cause carries (k8s.io/apimachinery/pkg/util/validation/field). */
export type FieldErrorType =
  | 'FieldValueNotFound'
  | 'FieldValueRequired'
  | 'FieldValueDuplicate'
  | 'FieldValueInvalid'
  | 'FieldValueNotSupported'
  | 'FieldValueForbidden'
  | 'FieldValueTooLong'
  | 'FieldValueTooMany'
  | 'InternalError'
  | 'FieldValueTypeInvalid';

/** One finding of validation. */
export interface FieldError {
  readonly type: FieldErrorType;
  /** `spec.template.spec.containers[0].name` */
  readonly field: string;
  /** The refused value; a GoText prints as it stands, for values that Go prints in a form of its own. */
  readonly value?: Json | GoText;
  readonly detail: string;
}

/** Text that stands for a value whose Go form is not its JSON form. */
export class GoText {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}
