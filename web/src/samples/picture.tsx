// A sample's picture at one size. Until it is there its place shows the outcome's colour.
import { useLayoutEffect, useRef, useState } from "react";
import { address } from "../api/client";
import type { Sample } from "../api/generated/workbench";
import { verdictClass } from "./verdict";
import "./samples.css";

const SIZES = [64, 128, 256, 512];
/** Up to here an image is enlarged by whole pixels: smoothing would make it a blur. */
const TINY = 64;

export function thumbnailAddress(sample: Sample, pixels: number): string {
  const wanted = pixels * Math.min(2, window.devicePixelRatio || 1);
  const size = SIZES.find((one) => one >= wanted) ?? 512;
  return address(`/api/samples/${sample.sample}/thumbnail`, { size, v: sample.picture });
}

export function imageAddress(sample: Sample): string {
  return address(`/api/samples/${sample.sample}/image`, { v: sample.picture });
}

export function isTiny(sample: Sample): boolean {
  return sample.width !== null && sample.height !== null && Math.max(sample.width, sample.height) <= TINY;
}

export function Picture({ sample, pixels, alt = "" }: { sample: Sample; pixels: number; alt?: string }) {
  const image = useRef<HTMLImageElement>(null);
  const [state, setState] = useState<"waiting" | "there" | "missing">("waiting");
  const source = sample.picture === null ? null : thumbnailAddress(sample, pixels);
  // Before the frame is painted: the pictures are the longest wait of a page.
  useLayoutEffect(() => {
    const element = image.current;
    if (!element || source === null) return;
    setState("waiting");
    element.src = source;
    // An image that scrolled away must not hold up those that are in sight.
    return () => element.removeAttribute("src");
  }, [source]);
  const none = source === null || state === "missing";
  return (
    <span className={`picture ${verdictClass(sample)} ${none ? "missing" : state}`}>
      {source !== null && (
        <img
          ref={image}
          alt={alt}
          decoding="async"
          draggable={false}
          className={isTiny(sample) ? "tiny" : undefined}
          onLoad={() => setState("there")}
          onError={() => setState("missing")}
        />
      )}
      {none && <span className="picture-none">no picture</span>}
    </span>
  );
}
