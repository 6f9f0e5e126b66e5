"""Writes the demo's letters and reports as PDF 1.4 with real text, nothing random, no date of today.

Run: python resources/demo/make/make_documents.py resources/demo/documents
"""

import sys
import textwrap
from pathlib import Path

PAGE = (595, 842)
MARK = "Made up for the demo of teleconsole. No real person, place or result."

Line = tuple[str, int, str]
"""Font (`R` or `B`), size in points, text; an empty text is a gap of that size."""


def paragraphs(title: str, head: list[str], body: list[str], foot: list[str]) -> list[Line]:
    """A letter: title, address lines, paragraphs, closing lines."""
    lines: list[Line] = [("B", 16, title), ("R", 10, "")]
    lines += [("R", 10, words) for words in head] + [("R", 14, "")]
    for paragraph in body:
        lines += [("R", 11, words) for words in textwrap.wrap(paragraph, 88)] + [("R", 8, "")]
    return lines + [("R", 11, words) for words in foot]


def table(rows: list[tuple[str, str, str, str]]) -> list[Line]:
    """Rows of four columns in a fixed-width font."""
    return [("M", 10, f"{name:<28}{value:>10}  {unit:<14}{normal:<16}") for name, value, unit, normal in rows]


def page_stream(lines: list[Line], number: int, pages: int) -> bytes:
    """The drawing commands of one page."""
    y = PAGE[1] - 72
    commands = ["0.09 0.13 0.17 rg"]
    for font, size, words in lines:
        if words:
            escaped = words.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
            commands.append(f"BT /{font} {size} Tf 64 {y} Td ({escaped}) Tj ET")
        y -= round(size * 1.45)
    commands.append("0.33 0.38 0.44 rg")
    commands.append(f"BT /R 8 Tf 64 40 Td ({MARK}) Tj ET BT /R 8 Tf 490 40 Td (Page {number} of {pages}) Tj ET")
    return "\n".join(commands).encode("cp1252")


def pdf(title: str, pages: list[list[Line]]) -> bytes:
    """The whole file: catalogue, page tree, three base fonts, one stream a page."""
    fonts = {"R": "Helvetica", "B": "Helvetica-Bold", "M": "Courier"}
    font_ids = {key: 4 + place for place, key in enumerate(fonts)}
    first = 4 + len(fonts)
    kids = " ".join(f"{first + 2 * place} 0 R" for place in range(len(pages)))
    resources = " ".join(f"/{key} {number} 0 R" for key, number in font_ids.items())
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>".encode(),
        f"<< /Title ({title}) /Producer (teleconsole demo) >>".encode("cp1252"),
    ]
    objects += [
        f"<< /Type /Font /Subtype /Type1 /BaseFont /{name} /Encoding /WinAnsiEncoding >>".encode()
        for name in fonts.values()
    ]
    for place, lines in enumerate(pages):
        stream = page_stream(lines, place + 1, len(pages))
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {PAGE[0]} {PAGE[1]}] "
            f"/Resources << /Font << {resources} >> >> /Contents {first + 2 * place + 1} 0 R >>".encode()
        )
        objects.append(f"<< /Length {len(stream)} >>\nstream\n".encode() + stream + b"\nendstream")
    out, offsets = b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n", []
    for number, body in enumerate(objects, 1):
        offsets.append(len(out))
        out += f"{number} 0 obj\n".encode() + body + b"\nendobj\n"
    start = len(out)
    out += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode()
    out += b"".join(f"{offset:010d} 00000 n \n".encode() for offset in offsets)
    return (
        out + f"trailer\n<< /Size {len(objects) + 1} /Root 1 0 R /Info 3 0 R >>\nstartxref\n{start}\n%%EOF\n".encode()
    )


DISCHARGE = paragraphs(
    "Discharge letter",
    ["Ashcombe General Hospital, Orthopaedics", "To: Hollow Lane Clinic, 4 Hollow Lane, Ashcombe"],
    [
        "Dear colleagues,",
        (
            "We discharged this patient after a total replacement of the right hip for osteoarthritis. "
            "The operation and the days after it were without complication. At discharge: walking with "
            "two crutches, wound dry, temperature normal, haemoglobin 11.2 g/dl."
        ),
        (
            "Medicines: apixaban 5 mg twice a day is continued (atrial fibrillation). Paracetamol 1 g "
            "up to four times a day. Metformin and ramipril as before. Known allergy: penicillin "
            "(swelling of the lips)."
        ),
        "Please: take out the stitches on day 12 to 14; check the wound once before. Full weight from the first day. "
        "Physiotherapy twice a week is booked. X-ray in our clinic after six weeks.",
        (
            "The patient was told to come back at once with fever, a wound that is red, leaks or "
            "opens, a swollen calf or sudden pain."
        ),
    ],
    ["With kind regards,", "Dr A. Example, ward 4"],
)
OPTICIAN = paragraphs(
    "Letter from the optician",
    ["Market Street Opticians, Ashcombe", "To: Hollow Lane Clinic, 4 Hollow Lane, Ashcombe"],
    [
        "Dear doctor,",
        (
            "I tested your patient for new glasses. Vision with correction: right 1.0, left 0.9. "
            "Pressures 15 and 16 mmHg. The lenses are clear."
        ),
        (
            "In the left eye I saw several small red dots near the centre, like microaneurysms. No "
            "bleeding, no exudate, nothing on the macula itself that I could see. The right eye looked "
            "normal. I took a picture and gave it to the patient."
        ),
        (
            "The patient knows of diabetes for some years and could not remember the last eye check. I "
            "would be grateful if you could arrange a proper examination."
        ),
    ],
    ["Kind regards,", "M. Example, optometrist"],
)
LAB_ONE = [
    *paragraphs(
        "Laboratory report", ["Ashcombe General Hospital, Clinical Chemistry", "Sample: venous blood, fasting"], [], []
    ),
    *table(
        [
            ("Test", "Result", "Unit", "Normal range"),
            ("Sodium", "139", "mmol/l", "135 - 145"),
            ("Potassium", "4.6", "mmol/l", "3.5 - 5.1"),
            ("Creatinine", "118 *", "µmol/l", "60 - 105"),
            ("eGFR (CKD-EPI)", "52 *", "ml/min/1.73m²", "> 60"),
            ("Urea", "8.9 *", "mmol/l", "2.5 - 7.8"),
            ("HbA1c", "44 *", "mmol/mol", "< 42"),
            ("Total cholesterol", "4.8", "mmol/l", "< 5.0"),
            ("LDL cholesterol", "2.7", "mmol/l", "< 3.0"),
            ("TSH", "6.8 *", "mU/l", "0.4 - 4.0"),
            ("Free T4", "12.1", "pmol/l", "11 - 22"),
        ]
    ),
]
LAB_TWO = [
    *paragraphs("Laboratory report, continued", ["Blood count"], [], []),
    *table(
        [
            ("Test", "Result", "Unit", "Normal range"),
            ("Haemoglobin", "138", "g/l", "120 - 160"),
            ("White cells", "6.4", "10^9/l", "4.0 - 10.0"),
            ("Platelets", "242", "10^9/l", "150 - 400"),
            ("CRP", "3", "mg/l", "< 5"),
            ("Ferritin", "28", "µg/l", "15 - 200"),
        ]
    ),
    ("R", 14, ""),
    ("R", 10, "* outside the normal range. An eGFR of 30 to 59 for over three months means kidney disease of stage 3."),
    ("R", 10, "Please repeat in three months and test the urine for albumin."),
]


def main() -> None:
    """Writes the three documents."""
    folder = Path(sys.argv[1])
    (folder / "discharge-letter.pdf").write_bytes(pdf("Discharge letter", [DISCHARGE]))
    (folder / "optician-letter.pdf").write_bytes(pdf("Letter from the optician", [OPTICIAN]))
    (folder / "lab-report.pdf").write_bytes(pdf("Laboratory report", [LAB_ONE, LAB_TWO]))


if __name__ == "__main__":
    main()
