import type { WriteOptions } from '../cluster/target.ts';
import type { JsonObject } from '../json.ts';
import type { Exchange } from './exchange.ts';
import type { OptionsKind, WriteQuery } from './options.ts';

/** How to write what a request asks for, and what webhooks are told of the request. */
export function writeOptionsOf(exchange: Exchange, query: WriteQuery, kind: OptionsKind): WriteOptions {
  return {
    manager: query.fieldManager,
    dryRun: query.dryRun,
    warn: (warning) => exchange.warn(warning),
    asked: { user: exchange.user, options: optionsObject(exchange.query, kind) },
  };
}

/** The options as the client gave them, as an object of their kind. */
function optionsObject(query: URLSearchParams, kind: OptionsKind): JsonObject {
  const options: JsonObject = { kind, apiVersion: 'meta.k8s.io/v1' };
  const dryRun = query.getAll('dryRun').filter((value) => value !== '');
  if (dryRun.length > 0) options['dryRun'] = dryRun;
  if (query.has('force')) options['force'] = ['true', '1'].includes(query.get('force') ?? '');
  for (const name of ['fieldManager', 'fieldValidation']) {
    const value = query.get(name) ?? '';
    if (value !== '') options[name] = value;
  }
  return options;
}
