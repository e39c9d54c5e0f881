"""Texts in several languages and scripts on which a newly built encoder is checked against its original."""

from __future__ import annotations

SAMPLE_QUERIES = (
    "How do I void a check that was already printed?",
    "bank rec is off by 45.10, what now",
    "Who in our company may open a support case?",
    "¿Cómo anulo un cheque que ya se imprimió?",
    "no me deja cerrar el período de marzo",
    "¿Dónde cambio la contraseña de mi usuario?",
    "Comment annuler un chèque déjà imprimé ?",
    "mon rapprochement bancaire ne tombe pas juste",
    "Je n'arrive plus à me connecter depuis ce matin",
    "Wie storniere ich einen bereits gedruckten Scheck?",
    "Die Summen- und Saldenliste geht nicht auf",
    "Kann ich eine abgeschlossene Periode wieder öffnen?",
    "Come riapro un periodo contabile chiuso?",
    "Como anulo um cheque já impresso?",
    "銀行の残高が合わないのはなぜですか",
    "كيف ألغي شيكًا تمت طباعته؟",
    "Почему не сходится банковская сверка?",
    "ERR-4031 😡",
)
SAMPLE_PASSAGES = (
    "A printed check is voided in the check register. Select the check, choose the void action and enter the date on "
    "which the reversal is to be posted. The number of the check stays in the register, marked as void, so that the "
    "sequence has no gap; the invoice that it paid is open again and can be paid with a new check.",
    "If the reconciliation does not balance, look for three things first: a payment that was entered twice, a bank fee "
    "that nobody posted, and an amount with two digits swapped. A difference that can be divided by nine is almost "
    "always a swap. Do not post a balancing entry before the cause is known.",
    "Para reabrir un período cerrado hace falta el permiso de administrador contable. Indique el motivo, haga el "
    "asiento que falta y vuelva a cerrar el período el mismo día; el libro mayor guarda quién lo abrió y cuándo.",
    "El archivo de asientos se rechaza cuando una línea no tiene cuenta o el debe y el haber no suman lo mismo.",
    "Pour saisir une écriture récurrente, créez d'abord un modèle : comptes, montants, journal et fréquence. Le "
    "système propose l'écriture à chaque échéance ; elle n'est comptabilisée au grand livre qu'après votre validation.",
    "Un relevé importé deux fois crée des opérations en double. Supprimez le second import avant de rapprocher.",
    "Eine Buchung wird nicht gelöscht, sondern storniert: Die Stornobuchung trägt dasselbe Datum oder das Datum der "
    "ersten offenen Periode, und beide Belege verweisen aufeinander. So bleibt das Hauptbuch nachvollziehbar.",
    "Der Bankabruf endet mit einem Fehler, wenn die Einwilligung bei der Bank nach 90 Tagen abgelaufen ist.",
    "Il flusso bancario si interrompe quando il consenso è scaduto: rinnovarlo e avviare di nuovo lo scarico.",
    "試算表が一致しない場合は、まず未転記の仕訳と期間の異なる伝票を確認してください。",
)
