import type { CustomSchema } from '../../custom-schema.ts';
import { additionalSchema } from '../../custom-schema.ts';
import { withResourceFields } from '../cel-types.ts';
import { escapeName } from '../escape-name.ts';

/** How large values of a schema may be, as far as rules see them. */
export interface DeclaredType {
  /** How many members or characters there can be at most; 0 for what has none. */
  readonly most: number;
  /** The least number of bytes that a value takes in a request. */
  readonly leastBytes: number;
  readonly fields?: ReadonlyMap<string, DeclaredType>;
  readonly keys?: DeclaredType;
  readonly members?: DeclaredType;
}

/** The largest request that rules are reckoned with. */
export const mostRequestBytes = 3 * 1024 * 1024;

const quotes = 2;
const longestTime = 32;
const dateBytes = 12;

const scalar = (leastBytes: number): DeclaredType => ({ most: 0, leastBytes });

const scalars: Readonly<Record<string, DeclaredType>> = {
  boolean: scalar(4),
  number: scalar(1),
  integer: scalar(1),
};

/** The sizes of a schema's values; undefined when rules cannot see them. */
export function declaredType(schema: CustomSchema, isResource: boolean): DeclaredType | undefined {
  if (schema.isIntOrString) {
    const { maxLength } = schema.limits;
    return {
      most: maxLength === undefined ? mostRequestBytes - quotes : charactersOf(maxLength),
      leastBytes: 1,
    };
  }
  const whole = isResource ? withResourceFields(schema) : schema;
  if (whole.type === 'array') return listType(whole);
  if (whole.type === 'object') return objectType(whole);
  return whole.type === 'string' ? textType(whole) : scalars[whole.type];
}

function listType({ items, limits }: CustomSchema): DeclaredType | undefined {
  const members = items === undefined ? undefined : declaredType(items, items.isResource);
  if (members === undefined) return undefined;
  const fitting = Math.floor((mostRequestBytes - 2) / (members.leastBytes + 1));
  return { most: atLeastZero(limits.maxItems ?? fitting), leastBytes: 2, members };
}

function objectType(schema: CustomSchema): DeclaredType | undefined {
  const values = additionalSchema(schema);
  if (values !== undefined) return mapType(schema, values);
  const fields = new Map<string, DeclaredType>();
  let leastBytes = 2;
  for (const [name, property] of schema.properties) {
    const type = declaredType(property, property.isResource);
    if (type === undefined) continue;
    const escaped = escapeName(name);
    if (escaped !== undefined) fields.set(escaped, type);
    const isSent = schema.limits.required.includes(name) && property.default === undefined;
    if (isSent) leastBytes += Buffer.byteLength(name) + type.leastBytes + 4;
  }
  return { most: 0, leastBytes, fields };
}

function mapType({ limits }: CustomSchema, values: CustomSchema): DeclaredType | undefined {
  const members = declaredType(values, values.isResource);
  if (members === undefined) return undefined;
  const fitting = Math.floor((mostRequestBytes - 2) / (members.leastBytes + 6));
  return { most: atLeastZero(limits.maxProperties ?? fitting), leastBytes: 2, keys: scalar(quotes), members };
}

function textType(schema: CustomSchema): DeclaredType {
  const { format, maxLength, enum: allowed } = schema.limits;
  switch (format) {
    case 'byte':
      return { most: atLeastZero(maxLength ?? mostRequestBytes - quotes), leastBytes: quotes };
    case 'duration':
      return { most: longestTime, leastBytes: 3 };
    case 'date':
      return { most: dateBytes, leastBytes: dateBytes };
    case 'date-time':
      return { most: longestTime, leastBytes: 21 };
    default:
  }
  if (maxLength !== undefined) return { most: charactersOf(maxLength), leastBytes: quotes };
  const lengths = allowed.map((value) => (typeof value === 'string' ? Buffer.byteLength(value) : 0));
  const most = allowed.length > 0 ? Math.max(...lengths) : mostRequestBytes - quotes;
  return { most, leastBytes: quotes };
}

/** A character may take four bytes. */
function charactersOf(maxLength: number): number {
  return atLeastZero(maxLength) * 4;
}

function atLeastZero(size: number): number {
  return Math.max(size, 0);
}
