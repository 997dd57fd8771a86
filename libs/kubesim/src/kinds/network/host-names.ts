const form = '\\*\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*';
const pattern = new RegExp(`^${form}$`);
const words =
  "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of lower case " +
  `alphanumeric characters, '-' or '.' and end with an alphanumeric character (e.g. '*.example.com', regex used for validation is '${form}')`;

/** What is wrong with a name that stands for all names below another; none when nothing is. */
export function wildcardProblems(host: string): string[] {
  return pattern.test(host) ? [] : [words];
}
