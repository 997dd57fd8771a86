import { subdomainProblems, underscoredProblems } from '@meridian/cel';
import { forbidden, invalid, required, tooLong } from '../../../errors/field-error.ts';
import type { FieldError } from '../../../errors/field-error.ts';
import { numberAt, objectAt, textAt } from '../../../json.ts';
import type { Json, JsonObject } from '../../../json.ts';
import { addressErrors } from '../address-errors.ts';
import { itemsWithPaths } from '../checks.ts';
import { formed, textOf, wordsOf } from './forms.ts';

const mostServers = 3;
const mostSearches = 32;
const mostSearchCharacters = 2048;
const longestHostname = 64;

/** What is wrong with how a pod resolves names (validatePodDNSConfig of pkg/apis/core/validation). */
export function dnsErrors(spec: JsonObject, path: string): FieldError[] {
  const config = objectAt(spec, 'dnsConfig');
  const isNone = spec['dnsPolicy'] === 'None';
  if (config === undefined) {
    return isNone ? [required(path, 'must provide `dnsConfig` when `dnsPolicy` is None')] : [];
  }
  const servers = wordsOf(config, 'nameservers');
  if (isNone && servers.length === 0) {
    const why = 'must provide at least one DNS nameserver when `dnsPolicy` is None';
    return [required(`${path}.nameservers`, why)];
  }
  const tooMany = `must not have more than ${String(mostServers)} nameservers`;
  return [
    ...(servers.length > mostServers ? [invalid(`${path}.nameservers`, servers, tooMany)] : []),
    ...servers.flatMap((server, index) => addressErrors(server, `${path}.nameservers[${String(index)}]`)),
    ...searchErrors(wordsOf(config, 'searches'), `${path}.searches`),
    ...itemsWithPaths(config['options'], `${path}.options`).flatMap(([option, at]) =>
      textOf(option, 'name') === '' ? [required(at, 'must not be empty')] : [],
    ),
  ];
}

function searchErrors(searches: string[], path: string): FieldError[] {
  const errors: FieldError[] = [];
  if (searches.length > mostSearches) {
    const why = `must not have more than ${String(mostSearches)} search paths`;
    errors.push(invalid(path, searches, why));
  }
  if (searches.join(' ').length > mostSearchCharacters) {
    const most = String(mostSearchCharacters);
    const why = `must not have more than ${most} characters (including spaces) in the search list`;
    errors.push(invalid(path, searches, why));
  }
  const names = searches.flatMap((search, index) =>
    search === '.' ? [] : formed(search.replace(/\.$/, ''), `${path}[${String(index)}]`, underscoredProblems),
  );
  return [...errors, ...names];
}

/** What is wrong with the names that a pod gives to addresses. */
export function hostAliasErrors(aliases: Json | undefined, list: string): FieldError[] {
  return itemsWithPaths(aliases, list).flatMap(([alias, path]) => [
    ...addressErrors(textOf(alias, 'ip'), `${path}.ip`),
    ...wordsOf(alias, 'hostnames').flatMap((name, index) =>
      formed(name, `${path}.hostnames[${String(index)}]`, subdomainProblems),
    ),
  ]);
}

/** What is wrong with the ports of a pod that uses the network of its host. Templates may leave them open. */
export function hostNetworkErrors(spec: JsonObject, path: string, isPod: boolean): FieldError[] {
  if (spec['hostNetwork'] !== true) return [];
  return itemsWithPaths(spec['containers'], `${path}.containers`).flatMap(([container, at]) =>
    itemsWithPaths(container['ports'], `${at}.ports`).flatMap(([port, place]) => {
      const [host, own] = [numberAt(port, 'hostPort') ?? 0, numberAt(port, 'containerPort') ?? 0];
      if (host === own || (host === 0 && !isPod)) return [];
      const why = 'must match `containerPort` when `hostNetwork` is true';
      return [invalid(`${place}.hostPort`, host, why)];
    }),
  );
}

/** What is wrong with a name that a pod has instead of its own (validatePodHostName). */
export function hostnameErrors(spec: JsonObject, path: string): FieldError[] {
  const name = textAt(spec, 'hostnameOverride');
  if (name === undefined) return [];
  const at = `${path}.hostnameOverride`;
  const clashes = ['setHostnameAsFQDN', 'hostNetwork'].filter((field) => spec[field] === true);
  return [
    ...clashes.map((field) => forbidden(at, `may not be specified when ${field} is true`)),
    ...(name.length > longestHostname ? [tooLong(at, longestHostname)] : []),
    ...formed(name, at, subdomainProblems),
  ];
}
