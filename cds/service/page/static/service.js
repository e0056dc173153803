// What the page asks this service; nobody else is ever asked.

export async function answered(path, options) {
  let response;
  try {
    response = await fetch(path, options);
  } catch {
    throw new Error("The service does not answer. Is it still running?");
  }
  if (response.ok) return response;
  const outcome = await response.json().catch(() => ({}));
  throw new Error(outcome.issue?.[0]?.diagnostics || `The service answered with status ${response.status}.`);
}

// The answer to a record as of a day, with units of a system first; without a day it is today.
export async function evaluated(text, asOf, units) {
  const asked = new URLSearchParams(Object.entries({asOf, units}).filter(([, value]) => value));
  const options = {method: "POST", headers: {"content-type": "application/json"}, body: text};
  return (await answered(`/evaluate?${asked}`, options)).json();
}
