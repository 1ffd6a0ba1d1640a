// Where files are dropped or chosen.
import { useId, useRef, useState } from "preact/hooks";
import { t } from "../words/words.ts";

const KINDS = ".bpmn,.bpmn20.xml,.dmn,.form,.json,.xml";

export function DropZone({ files, change }: { files: File[]; change: (files: File[]) => void }) {
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  const [over, setOver] = useState(false);
  const add = (more: FileList | null | undefined) => {
    if (!more?.length) return;
    const names = new Set(Array.from(more, (one) => one.name));
    change([...files.filter((one) => !names.has(one.name)), ...more]);
  };
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    add(event.dataTransfer?.files);
  };
  const remove = (file: File) => {
    change(files.filter((one) => one !== file));
    input.current?.focus();
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: dropping is a second way, the field inside it the first
    <div
      class={over ? "drop over" : "drop"}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
    >
      <div class="stacked">
        <label for={id}>
          <b>{t("ops.deploy.files")}</b>
        </label>
        <span id={`${id}-hint`} class="quiet">
          {t("ops.deploy.files_hint")}
        </span>
        <input
          id={id}
          aria-describedby={`${id}-hint`}
          ref={input}
          type="file"
          multiple
          accept={KINDS}
          onChange={(event) => {
            add(event.currentTarget.files);
            // The same file may be chosen again once it is mended.
            event.currentTarget.value = "";
          }}
        />
      </div>
      {files.length > 0 && (
        <ul>
          {files.map((file) => (
            <li key={file.name}>
              <span dir="auto">{file.name}</span>{" "}
              <button
                type="button"
                class="plain"
                aria-label={t("ops.deploy.remove", { name: file.name })}
                onClick={() => remove(file)}
              >
                {t("remove")}
              </button>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
