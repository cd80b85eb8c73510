// From the view to the lists that it asks for: in an order, of an outcome, or those that are like one sample.
import { address } from "../../api/client";
import type { Filter, Outcome, SampleQuery } from "../../api/generated/workbench";
import { filterText, type View } from "../../state/view";

export const PAGE_SIZE = 200;
export const SIMILAR_MOST = 500;

type Choice = Readonly<Record<string, string>>;

function outcomeParameters(choice: Choice): Record<string, string | undefined> {
  return {
    outcome: choice.outcome,
    class: choice.class,
    threshold: choice.threshold,
    true: choice.true,
    predicted: choice.predicted,
    against: choice.against,
  };
}

/** The sample that the grid shows the like of; null: the list itself. */
export function likeOf(choice: Choice): number | null {
  return numberOf(choice.like);
}

export function numberOf(text: string | undefined): number | null {
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : null;
}

/** The list without its pages. Equal lists have equal addresses. */
export function listAddress(filter: Filter, choice: Choice): string {
  const like = likeOf(choice);
  if (like !== null)
    return address(`/api/samples/${like}/similar`, {
      filter: filterText(filter),
      outcome: choice.outcome === "all" ? undefined : choice.outcome,
      class: choice.class,
      threshold: choice.threshold,
      against: choice.against,
      count: SIMILAR_MOST,
    });
  return address("/api/samples", {
    filter: filterText(filter),
    ...outcomeParameters(choice),
    sort: choice.sort,
    descending: choice.sort && choice.descending === "1" ? true : undefined,
  });
}

/** The groups of that list without their pages; of the wrong samples where no outcome is chosen. */
export function groupsAddress(filter: Filter, choice: Choice): string {
  const chosen = (choice.outcome && choice.outcome !== "all") || choice.true || choice.predicted;
  return address("/api/groups", {
    filter: filterText(filter),
    ...outcomeParameters(choice),
    ...(chosen ? {} : { outcome: "wrong" }),
    similarity: choice.similarity,
  });
}

/** An address with further parameters. */
export function further(list: string, parameters: Readonly<Record<string, number>>): string {
  const more = Object.entries(parameters).map(([name, value]) => `${name}=${value}`);
  return `${list}${list.includes("?") ? "&" : "?"}${more.join("&")}`;
}

export function pageAddress(list: string, page: number): string {
  return further(list, { from: page * PAGE_SIZE, count: PAGE_SIZE });
}

/** What the Explorer asks for when a browser opens with it; of other pages nothing. */
export function firstRequests({ page, filter, choice }: View): string[] {
  if (page !== "explorer" || likeOf(choice) !== null || choice.group !== undefined) return [];
  return [pageAddress(listAddress(filter, choice), 0)];
}

/** The same samples, as tagging and exporting name them. */
export function sampleQuery(filter: Filter, choice: Choice): SampleQuery {
  const query: SampleQuery = {};
  if (filterText(filter)) query.filter = filter;
  if (choice.outcome) query.outcome = choice.outcome as Outcome;
  for (const key of ["class", "true", "predicted", "against"] as const) if (choice[key]) query[key] = choice[key];
  if (choice.threshold) query.threshold = Number(choice.threshold);
  return query;
}
