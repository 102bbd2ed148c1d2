"""Short texts in many scripts and of many kinds."""

from base64 import b64encode
from hashlib import sha512

TEXTS = {
    "English": "Each person has thirty days of paid holiday a year, and asks for them in time.",
    "capitals": "EVERY EMPLOYEE HAS THIRTY DAYS OF PAID HOLIDAY, WHICH MUST BE REQUESTED.",
    "German": "Die Krankenversicherungsbeiträge werden monatlich vom Bruttogehalt abgezogen.",
    "Finnish": "Jokaisella työntekijällä on oikeus kolmenkymmenen päivän palkalliseen lomaan.",
    "Polish": "Każdy pracownik ma prawo do trzydziestu dni płatnego urlopu w roku.",
    "Turkish": "Her çalışanın yılda otuz gün ücretli izin hakkı vardır.",
    "Vietnamese": "Mỗi nhân viên có ba mươi ngày nghỉ phép có lương mỗi năm.",
    "Russian": "Каждый сотрудник имеет право на тридцать дней оплачиваемого отпуска в год.",
    "Ukrainian": "Кожен працівник має право на тридцять днів оплачуваної відпустки на рік.",
    "Greek": "Κάθε εργαζόμενος δικαιούται τριάντα ημέρες άδειας με αποδοχές το χρόνο.",
    "Chinese": "每位员工每年享有三十天带薪休假。请假申请应至少提前两周提交给主管。",
    "Japanese": "従業員は毎年三十日の有給休暇を取得できます。申請は二週間前までにしてください。",
    "Korean": "모든 직원은 연간 삼십 일의 유급 휴가를 받을 수 있습니다.",
    "Hindi": "प्रत्येक कर्मचारी को वर्ष में तीस दिन का सवैतनिक अवकाश मिलता है।",
    "Arabic": "يحق لكل موظف ثلاثون يوما من الإجازة المدفوعة سنويا.",
    "Hebrew": "כל עובד זכאי לשלושים ימי חופשה בתשלום בשנה.",
    "Thai": "พนักงานทุกคนมีสิทธิ์ลาพักร้อนได้สามสิบวันต่อปี",
    "emoji": "🎉🚀👩‍👩‍👧‍👦🇩🇪👍🏽❤️",
    "digits": "0123456789 31415926535 1,000.50 2026-11-26T12:00:00Z",
    "code": "def fits(self, room: int) -> bool:\n    return self.cost[room] >= max(0, room - 1)\n",
    "table": "| day | hours |\n|-----|------:|\n| Mon | 8 |\n| Tue | 7.5 |\n",
    "address": "https://wiki.example.com/x/y?page=12&id=aGVsbG8td29ybGQ#Anchor-3_foo",
    "base64": b64encode(bytes(n * n * 31 % 251 for n in range(300))).decode(),
    "hexadecimal": sha512(b"holiday").hexdigest(),
    "punctuation": "-----=====.....|||||*****#####~~~~~!!!!!;:;:;<<>>(){}[]",
    "blanks": " \n\t \n   \r\n\n\n",
}
