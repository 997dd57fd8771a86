import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { JsonObject, KubeObject } from '@meridian/manifests';
import { generateX25519Identity } from 'age-encryption';
import { parse } from 'yaml';
import { describe, expect, test } from 'vitest';
import { ageKeysIn } from './age-keys.ts';
import { decryptObjects } from './decrypt-objects.ts';

// Encrypted with sops 3.11 for the keys in samples/keys.
const samples = join(import.meta.dirname, 'samples');
const sample = (name: string): Buffer => readFileSync(join(samples, name));
const keys = ageKeysIn(join(samples, 'keys'));

const encrypted = (): KubeObject => parse(sample('secret.yaml').toString()) as KubeObject;

/** A text in a tree of JSON. */
const textAt = (object: KubeObject, ...path: readonly string[]): string => {
  let here: unknown = object;
  for (const step of path) here = (here as JsonObject)[step];
  expect(here).toBeTypeOf('string');
  return here as string;
};

const generated = (data: { readonly [key: string]: string | Buffer }): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: 'generated' },
  data: Object.fromEntries(
    Object.entries(data).map(([key, value]) => [key, Buffer.from(value).toString('base64')]),
  ),
});

const decryptOne = async (object: KubeObject, read = keys) => {
  const [decrypted] = await decryptObjects([object], read, 'ml');
  return decrypted!;
};

const textOf = (
  { object, problem }: { readonly object: KubeObject; readonly problem?: string },
  key: string,
) => {
  expect(problem).toBeUndefined();
  return Buffer.from(textAt(object, 'data', key), 'base64').toString('utf8');
};

test('a key that is bound to a namespace opens only what goes there, also where a cipher is copied', async () => {
  const { identities } = await keys();
  const bound = async () => ({ identities: [], bound: new Map([['ml', identities]]), version: '1' });
  const inNamespace = (namespace: string): KubeObject => {
    const object = encrypted();
    return { ...object, metadata: { ...object.metadata, namespace } };
  };
  for (const opened of [encrypted(), inNamespace('ml')])
    expect((await decryptOne(opened, bound)).problem).toBeUndefined();
  const copied = await decryptOne(inNamespace('other'), bound);
  expect(copied.problem).toContain('this agent has no age keys for its namespace');
  expect(copied.object).toEqual(inNamespace('other'));
});

describe('a Secret that SOPS has encrypted', () => {
  test('has its values in clear, as texts, and nothing of SOPS', async () => {
    const { object, problem } = await decryptOne(encrypted());
    expect(problem).toBeUndefined();
    expect(object).toEqual({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'registry' },
      type: 'Opaque',
      stringData: {
        password: 'correct horse',
        port: '5432',
        ratio: '0.25',
        on: 'True',
        empty: '',
        lines: 'first\nsecond\n',
      },
      data: { binary: 'AAEC/w==' },
    });
  });

  test('is opened by any of the keys that it was encrypted for', async () => {
    const all = await keys();
    for (const identity of all.identities) {
      const found = await decryptOne(encrypted(), async () => ({
        identities: [identity],
        bound: new Map(),
        version: '1',
      }));
      expect(found.problem).toBeUndefined();
    }
  });

  test('may have got another name, namespace and labels since', async () => {
    const object = encrypted();
    const moved = { ...object, metadata: { name: 'prod-registry', namespace: 'ml', labels: { team: 'ml' } } };
    const found = await decryptOne(moved);
    expect(found.object).toMatchObject({
      metadata: moved.metadata,
      stringData: { password: 'correct horse' },
    });
  });

  test('is refused when a value stands under another name than it was encrypted under', async () => {
    const object = encrypted();
    const { password, ...others } = object['stringData'] as JsonObject;
    const found = await decryptOne({ ...object, stringData: { ...others, shown: password! } });
    expect(found.problem).toBe(
      'it cannot be decrypted: stringData.shown was changed or moved after it was encrypted',
    );
    expect(found.object['stringData']).toMatchObject({ shown: password });
  });

  test('is refused when a value is cut short, also one whose tag is', async () => {
    const object = encrypted();
    const values = object['stringData'] as JsonObject;
    const password = textAt(object, 'stringData', 'password');
    const broken = [password.slice(0, -20), password.replace(/tag:[^,]+/, 'tag:AAAA')];
    for (const text of broken) {
      const { problem } = await decryptOne({ ...object, stringData: { ...values, password: text } });
      expect(problem).toMatch(/^it cannot be decrypted: stringData\.password /);
    }
  });
});

describe('files that SOPS has encrypted, in a Secret that a generator made', () => {
  test('JSON keeps what was not encrypted and the types of what was', async () => {
    const found = await decryptOne(generated({ 'config.json': sample('config.json') }));
    const text = textOf(found, 'config.json');
    expect(JSON.parse(text)).toEqual({
      user: 'ml',
      nested: { list: ['a', { token: 't0p' }], big: 9007199254740992, on: false, none: null },
      open_unencrypted: 'seen',
    });
  });

  test('YAML keeps its documents, its large integers and texts that look like numbers', async () => {
    const text = textOf(await decryptOne(generated({ 'values.yaml': sample('values.yaml') })), 'values.yaml');
    expect(text).toMatch(
      /model: llama\nreplicas: 3\nbig: 9007199254740993\nwords: "007"\nnested:\n\s*- key: s3cret\n---\nsecond: document\n$/,
    );
    expect(text).not.toContain('sops');
  });

  test('dotenv keeps its lines', async () => {
    const text = textOf(await decryptOne(generated({ 'app.env': sample('app.env') })), 'app.env');
    expect(text.split('\n').filter((line) => !line.startsWith('#'))).toEqual([
      'USER=ml',
      'PASSWORD=correct horse=battery',
      'MULTI=a\\nb',
      '',
    ]);
  });

  test('the lines of a dotenv file that became keys are values again, without what SOPS added', async () => {
    const lines = sample('app.env').toString().split('\n');
    const pairs = lines
      .filter((line) => line.includes('=') && !line.startsWith('#'))
      .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]);
    const { object } = await decryptOne(generated(Object.fromEntries(pairs) as { [key: string]: string }));
    expect(object['data']).toEqual({
      USER: Buffer.from('ml').toString('base64'),
      PASSWORD: Buffer.from('correct horse=battery').toString('base64'),
      MULTI: Buffer.from('a\\nb').toString('base64'),
    });
  });

  test('any other file has its bytes', async () => {
    const { object } = await decryptOne(generated({ 'model.bin': sample('model.bin') }));
    expect(Buffer.from(textAt(object, 'data', 'model.bin'), 'base64')).toEqual(
      Buffer.from('raw\x00\x01 bytes \xff\n', 'latin1'),
    );
  });

  test('files beside them, and files that only speak of SOPS, stay as they are', async () => {
    const speaks = '# values look like ENC[AES256_GCM,data:…] and the key is called sops\nplain: text\n';
    const { object, problem } = await decryptOne(
      generated({
        'values.yaml': sample('values.yaml'),
        'notes.yaml': speaks,
        'notes.env': speaks,
        other: 'x',
      }),
    );
    expect(problem).toBeUndefined();
    expect(object).toMatchObject({
      data: generated({ 'notes.yaml': speaks, 'notes.env': speaks, other: 'x' })['data'],
    });
  });

  test('a text that is said to be a number is refused, and not quoted', async () => {
    const text = sample('values.yaml').toString();
    for (const type of ['int', 'float']) {
      const changed = text.replace(/^(model: .*)type:str/m, `$1type:${type}`);
      const { problem } = await decryptOne(generated({ 'values.yaml': changed }));
      expect(problem).toBe(`it cannot be decrypted: model is said to be of type ${type}, and is not`);
    }
  });

  test('a document that is no map stays beside those that were encrypted', async () => {
    const text = `${sample('values.yaml').toString()}---\nplain\n`;
    const found = await decryptOne(generated({ 'values.yaml': text }));
    expect(textOf(found, 'values.yaml')).toMatch(/second: document\n---\nplain\n$/);
  });

  test('a file of aliases that would fill the memory is named, not an end of the agent', async () => {
    const tens = 'a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b]\n';
    const text = `${tens}d: ENC[AES256_GCM,\nsops: {mac: x, age: [*c,*c,*c,*c,*c]}\n`;
    const { problem } = await decryptOne(generated({ 'aliases.yaml': text }));
    expect(problem).toBe('it cannot be decrypted: it is not as SOPS writes it (ReferenceError)');
  });

  test('a file nested deeper than the stack is refused, not an end of the agent', async () => {
    const deep = `sops: ENC[AES256_GCM,\na: ${'['.repeat(200_000)}`;
    const { problem } = await decryptOne(generated({ 'deep.yaml': deep }));
    expect(problem).toBe('it cannot be decrypted: an encrypted file is neither JSON nor YAML');
  });
});

describe('what cannot be decrypted is named', () => {
  const none = async () => ({ identities: [], bound: new Map(), version: '0' });

  test('an agent without keys says for whom it is, and what to give', async () => {
    const { problem, object } = await decryptOne(encrypted(), none);
    expect(problem).toMatch(
      /^it cannot be decrypted: it is encrypted for age1\w+, age1\w+, and this agent has no age keys for its namespace; give them with decryption\.secretName of its chart$/,
    );
    expect(object).toEqual(encrypted());
  });

  test('an agent with another key says for whom it is, and never what key it has', async () => {
    const other = await generateX25519Identity();
    const { problem } = await decryptOne(encrypted(), async () => ({
      identities: [other],
      bound: new Map(),
      version: '0',
    }));
    expect(problem).toMatch(
      /^it cannot be decrypted: it is encrypted for age1\w+, age1\w+, and none of the 1 age keys of this agent for its namespace is one of these$/,
    );
    expect(problem).not.toContain(other);
  });

  test('a damaged key is named by its place', async () => {
    const damaged = `${(await generateX25519Identity()).slice(0, -1)}Q`;
    const { problem } = await decryptOne(encrypted(), async () => ({
      identities: [damaged],
      bound: new Map(),
      version: '0',
    }));
    expect(problem).toBe('it cannot be decrypted: age key 1 of this agent is damaged');
  });

  test('encrypted metadata is refused with the way to encrypt', async () => {
    const object = encrypted();
    const annotations = { owner: textAt(object, 'stringData', 'password') };
    const { problem } = await decryptOne({ ...object, metadata: { ...object.metadata, annotations } });
    expect(problem).toContain('encrypt with --encrypted-regex "^(data|stringData)$"');
  });

  test('a value whose metadata was lost is not applied as it is', async () => {
    const { sops: _lost, ...object } = encrypted();
    const problem = (field: string) =>
      `it cannot be decrypted: ${field} is encrypted, and what SOPS wrote beside it (the field "sops") is missing: keep it in all patches, or encrypt the file again`;
    expect(await decryptOne(object)).toEqual({
      object,
      problem: problem('stringData.password'),
    });
    const password = textAt(object, 'stringData', 'password');
    expect(await decryptOne(generated({ password }))).toMatchObject({ problem: problem('data.password') });
    expect(await decryptOne(generated({ password: `${password} is how it looks` }))).not.toHaveProperty(
      'problem',
    );
  });

  test('no more recipients are tried than a file may have, and none of any length', async () => {
    const object = encrypted();
    const sops = object['sops'] as JsonObject;
    const [entry] = sops['age'] as readonly JsonObject[];
    const long = { ...entry, enc: `${textAt(object, 'sops', 'age', '0', 'enc')}${' '.repeat(4_096)}` };
    for (const age of [Array.from({ length: 101 }, () => entry!), [long]]) {
      const { problem } = await decryptOne({ ...object, sops: { ...sops, age } });
      expect(problem).toContain(`it is encrypted for ${age.length} age recipients; at most 100 are tried`);
    }
  });

  test('a file for PGP asks for an age recipient', async () => {
    const object = encrypted();
    const sops = { ...(object['sops'] as JsonObject), age: [], pgp: [{ fp: 'A1', enc: '…' }] };
    const { problem } = await decryptOne({ ...object, sops });
    expect(problem).toBe(
      'it cannot be decrypted: it is encrypted for PGP, and agents decrypt with age: add the age key of this cluster to its recipients',
    );
  });

  test('an object of another kind is not decrypted, for its values would be shown', async () => {
    const { problem } = await decryptOne({ ...encrypted(), kind: 'ConfigMap' });
    expect(problem).toContain('only Secrets are decrypted');
  });

  test('one of them does not hold up the others', async () => {
    const plain: KubeObject = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'plain' } };
    const found = await decryptObjects(
      [{ ...encrypted(), sops: 'nonsense' }, plain, encrypted()],
      keys,
      'ml',
    );
    expect(found.map(({ problem }) => problem)).toEqual([
      'it cannot be decrypted: its field "sops" is not what SOPS writes',
      undefined,
      undefined,
    ]);
  });

  test('keys are not asked for when nothing is encrypted', async () => {
    const plain = generated({ password: 'x' });
    const found = await decryptObjects([plain], () => Promise.reject(new Error('asked')), 'ml');
    expect(found).toEqual([{ object: plain }]);
  });
});
