/** Anything that JSON can carry, as far as comparing goes. */
export type Value = null | boolean | number | string | Value[] | { [name: string]: Value };

/** One thing that a case did and what the server said to it. */
export interface Exchange {
  readonly asked: string;
  readonly status: number;
  /** Only headers that are part of the contract. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Value;
}

const uid = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;
const time = /\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g;
const clusterIp = /\b10\.0\.\d+\.\d+\b/g;
const ownAddress = /\b127\.0\.0\.1:\d+\b/g;
/** Revisions inside of texts: of objects that are quoted, of refusals, and of queries. */
const quotedRevision = /(resourceVersion(?:\\?":\\?"|=|: ")|current: |in record \()[1-9]\d*/g;
/** An age in a table: seconds pass between two servers. */
const age = /^\d+s$/;
const accountToken = /\beyJ[\w-]+\.[\w-]+\.[\w-]+/g;
const continueToken = /continue=[\w%-]{12,}/g;

/**
 * Rewrites what two servers cannot agree on (UIDs, times, revisions, random names, allocated addresses and ports) into
 * names given in order of appearance, so that equal behaviour gives equal transcripts. Managed fields are sorted, because
 * the order of writes within and across a second differs from run to run.
 */
export function normalise(exchanges: readonly Exchange[]): Exchange[] {
  const names = new Naming();
  return exchanges.map((exchange) => ({
    ...exchange,
    asked: names.text(exchange.asked),
    headers: Object.fromEntries(
      Object.entries(exchange.headers).map(([name, value]) => [name, names.text(value)]),
    ),
    body: names.value(exchange.body, undefined),
  }));
}

class Naming {
  readonly #given = new Map<string, string>();
  readonly #counts = new Map<string, number>();
  readonly #generated = new Map<string, string>();

  text(text: string): string {
    let named = text
      .replace(accountToken, '<account token>')
      .replace(uid, (found) => this.#name('uid', found))
      .replace(time, '<time>')
      .replace(ownAddress, '<server>')
      .replace(continueToken, 'continue=<token>')
      .replace(quotedRevision, (_, before: string) => `${before}<revision>`)
      .replace(clusterIp, (found) => this.#name('address', found));
    for (const [name, token] of this.#generated) named = named.replaceAll(name, token);
    return named;
  }

  value(value: Value, key: string | undefined): Value {
    if (typeof value === 'string') return this.#leaf(value, key);
    if (typeof value === 'number')
      return isPort(key) && value > 0 ? this.#name('port', String(value)) : value;
    if (typeof value !== 'object' || value === null) return value;
    if (Array.isArray(value)) return this.#list(value, key);
    return this.#object(value['type'] === 'BOOKMARK' ? unmarked(value) : value);
  }

  #object(value: { [name: string]: Value }): Value {
    this.#noteGeneratedName(value);
    const listed = isList(value);
    return Object.fromEntries(
      Object.keys(value)
        .sort()
        .map((name) => [
          name,
          name === 'metadata' && listed ? listMetadata(value[name]!) : this.value(value[name]!, name),
        ]),
    );
  }

  #leaf(text: string, key: string | undefined): Value {
    if (key === 'resourceVersion')
      return /^\d+$/.test(text) && text !== '0' ? this.#name('revision', text) : text;
    if (key === 'continue') return text === '' ? '' : '<continue>';
    return this.text(text);
  }

  #list(items: readonly Value[], key: string | undefined): Value {
    if (key === 'cells') return items.map((cell) => this.#cell(cell));
    if (items.some(isConflict)) return [...items].sort(byText).map((item) => this.value(item, undefined));
    if (key !== 'managedFields') return items.map((item) => this.value(item, undefined));
    const sorted = [...items].sort((a, b) => (managerOf(a) < managerOf(b) ? -1 : 1));
    return sorted.map((item) => this.value(item, undefined));
  }

  #cell(cell: Value): Value {
    return typeof cell === 'string' && age.test(cell) ? '<age>' : this.value(cell, undefined);
  }

  #noteGeneratedName(object: { [name: string]: Value }): void {
    const { generateName, name } = object;
    if (typeof generateName !== 'string' || typeof name !== 'string' || !name.startsWith(generateName))
      return;
    if (!this.#generated.has(name)) {
      this.#generated.set(name, `${generateName}<${this.#next('name')}>`);
    }
  }

  #name(kind: string, found: string): string {
    const key = `${kind} ${found}`;
    const known = this.#given.get(key);
    if (known !== undefined) return known;
    const token = `<${kind} ${this.#next(kind)}>`;
    this.#given.set(key, token);
    return token;
  }

  #next(kind: string): number {
    const count = (this.#counts.get(kind) ?? 0) + 1;
    this.#counts.set(kind, count);
    return count;
  }
}

/** Whether a number is a port of nodes, which the cluster chooses. */
function isPort(key: string | undefined): boolean {
  return key === 'nodePort' || key === 'healthCheckNodePort';
}

function isConflict(item: Value): boolean {
  return isObject(item) && item['reason'] === 'FieldManagerConflict';
}

function isObject(value: Value | undefined): value is { [name: string]: Value } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Conflicts are found while Go walks over maps, in an order that changes from run to run. */
function byText(a: Value, b: Value): number {
  return JSON.stringify(a) < JSON.stringify(b) ? -1 : 1;
}

function managerOf(entry: Value): string {
  if (!isObject(entry)) return '';
  return JSON.stringify(['operation', 'manager', 'subresource', 'apiVersion'].map((name) => entry[name]));
}

function isList(value: { [name: string]: Value }): boolean {
  return (
    (Array.isArray(value['items']) || Array.isArray(value['rows']) || value['items'] === null) &&
    typeof value['kind'] === 'string'
  );
}

/** A bookmark whose revision is told as that of a list, which it is, at whatever depth. */
function unmarked(bookmark: { [name: string]: Value }): { [name: string]: Value } {
  return Object.fromEntries(
    Object.entries(bookmark).map(([name, value]) => [
      name,
      name === 'resourceVersion' ? '<list>' : isObject(value) ? unmarked(value) : value,
    ]),
  );
}

/** The revision of a list counts every write of the server, also its own housekeeping. */
function listMetadata(metadata: Value): Value {
  if (!isObject(metadata)) return metadata;
  const rewritten = { ...metadata };
  if (typeof rewritten['resourceVersion'] === 'string') rewritten['resourceVersion'] = '<list>';
  if (typeof rewritten['continue'] === 'string') rewritten['continue'] = '<continue>';
  return rewritten;
}
